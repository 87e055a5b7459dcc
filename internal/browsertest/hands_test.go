package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// People find things by their names, as a screen reader would say them, and these functions
// do the same. In the page, byName returns the visible things among some whose name is that,
// and fieldsOf the fields: where several are called so, those of the form that one is in.
const byName = `
const words = (s) => s.replace(/\s+/g, " ").trim();
const nameOf = (e) => words(e.getAttribute("aria-label") ?? e.querySelector(".radio-label")?.textContent ?? e.innerText ?? "");
const seen = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
const byName = (selector, name) => [...document.querySelectorAll(selector)].filter((e) => seen(e) && nameOf(e) === name);
const fieldsOf = (name) => {
  const found = byName("label", name).map((l) => l.control).filter(Boolean);
  const form = document.activeElement?.form;
  return found.length > 1 && form ? found.filter((f) => f.form === form) : found;
};
`

// spot is where to click.
type spot struct {
	X, Y  float64
	Leads bool   // to another page
	Wrong string // why not
}

// clickable finds the one thing that can be clicked and is called so. What lies over it
// counts: a click that something else would get is no click on it.
const clickable = `(() => {` + byName + `
const name = %s;
const found = byName("a[href], button, summary, label:has(input[type=radio], input[type=checkbox])", name);
if (found.length !== 1) return {Wrong: found.length + " things are called so"};
const e = found[0];
e.scrollIntoView({block: "center", inline: "center"});
const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
const hit = document.elementFromPoint(x, y);
if (!e.contains(hit)) return {Wrong: "it is covered by " + (hit ? hit.outerHTML.slice(0, 80) : "nothing")};
return {X: x, Y: y, Leads: e.tagName === "A" || e.type === "submit" && !!e.form};
})()`

// clicks clicks the link, button or choice of that name, and waits for the page it leads to.
func (p *person) clicks(name string) {
	p.Helper()
	at := p.finds("click "+name, fmt.Sprintf(clickable, quoted(name)))
	click := chromedp.MouseClickXY(at.X, at.Y)
	if at.Leads {
		p.goes("click "+name, click)
		return
	}
	p.must("click "+name, click)
}

// finds waits until something can be clicked.
func (p *person) finds(what, expression string) (at spot) {
	p.Helper()
	for end := time.Now().Add(p.patience); time.Now().Before(end); time.Sleep(pause) {
		if at = ask[spot](p, expression); at.Wrong == "" {
			return at
		}
	}
	p.stuck(what, at.Wrong)
	return at
}

// field focuses the field with the label, all its text selected.
const field = `(() => {` + byName + `
const found = fieldsOf(%s);
if (found.length !== 1) return found.length + " fields are called so";
found[0].focus();
found[0].select?.();
return "";
})()`

// fills types into the field with the label, in place of what is there.
func (p *person) fills(label, text string) {
	p.Helper()
	if wrong := ask[string](p, fmt.Sprintf(field, quoted(label))); wrong != "" {
		p.stuck("fill "+label, wrong)
	}
	p.must("type", call(input.InsertText, input.InsertTextParams{Text: text}))
}

// choice chooses an option of a list by its words.
const choice = `(() => {` + byName + `
const found = fieldsOf(%s);
if (found.length !== 1) return found.length + " lists are called so";
const list = found[0], wanted = [...list.options].find((o) => words(o.textContent) === %s);
if (!wanted) return "it offers " + [...list.options].map((o) => words(o.textContent)).join(", ");
list.value = wanted.value;
list.dispatchEvent(new Event("change", {bubbles: true}));
return "";
})()`

// chooses takes an option of the list with the label.
func (p *person) chooses(label, option string) {
	p.Helper()
	if wrong := ask[string](p, fmt.Sprintf(choice, quoted(label), quoted(option))); wrong != "" {
		p.stuck("choose "+option+" as "+label, wrong)
	}
}

// sees waits until the page says all of the words.
func (p *person) sees(words ...string) {
	p.Helper()
	var missing string
	for end := time.Now().Add(p.patience); time.Now().Before(end); time.Sleep(pause) {
		if missing = lacks(ask[string](p, pageText), words); missing == "" {
			return
		}
	}
	p.stuck("see "+quoted(missing), "the page does not say it")
}

func lacks(text string, words []string) string {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return w
		}
	}
	return ""
}

// misses fails the test if the page says any of the words.
func (p *person) misses(words ...string) {
	p.Helper()
	text := ask[string](p, pageText)
	for _, w := range words {
		if strings.Contains(text, w) {
			p.stuck("miss "+quoted(w), "the page says it")
		}
	}
}

// presses types a key such as kb.Tab.
func (p *person) presses(key string) {
	p.Helper()
	p.must("press a key", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.KeyEvent(key)(ctx, t)
		return err
	}))
}

// quoted is text as JavaScript has it.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // no text does that
	}
	return string(b)
}

// waits waits until something holds.
func (p *person) waits(what string, holds func() bool) {
	p.Helper()
	for end := time.Now().Add(p.patience); time.Now().Before(end); time.Sleep(pause) {
		if holds() {
			return
		}
	}
	p.stuck("wait for "+what, "it does not come")
}

// reads is the text of the one element that a selector finds.
func (p *person) reads(selector string) string {
	p.Helper()
	return ask[string](p, "document.querySelector("+quoted(selector)+").textContent")
}
