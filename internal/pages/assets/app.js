// Times come in UTC. Show them in the reader's zone, and keep UTC as the tooltip.
const day = { day: "numeric", month: "short", year: "numeric" };
const styles = {
  date: day,
  minute: { ...day, hour: "2-digit", minute: "2-digit" },
  long: { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
};
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  const style = styles[time.dataset.style ?? "long"];
  time.textContent = new Intl.DateTimeFormat("en-GB", style).format(new Date(time.dateTime));
}

// What was just done is told once: a reload does not tell it again.
const here = new URL(location);
for (const told of ["done", "why"]) here.searchParams.delete(told);
if (here.href !== location.href) history.replaceState(null, "", here);

// On a phone the navigation is wider than the screen: show where in it one is.
document.querySelector(".side-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// Menus close when one looks elsewhere.
const menus = document.querySelectorAll("details.menu");
function close(except) {
  for (const menu of menus) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (e) => close(e.target.closest("details.menu")));
document.addEventListener("keydown", (e) => {
  const open = document.querySelector("details.menu[open]");
  if (e.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// Copying, where the browser lets us.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

// A form is sent once, however often its button is clicked.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (e) => {
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
