package main

import (
	"fmt"
	"html"
	"strings"
)

// The chart's measures, in pixels.
const (
	labels    = 300 // room for names
	bars      = 420 // the longest bar
	thickness = 9
	gap       = 12
	top       = 64
)

// style suits light and dark pages: it follows what the reader's system prefers.
const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.quiet { fill: #59636e } .back { fill: #ffffff }
.s0 { fill: #9ec5f4 } .s1 { fill: #4a8fdc } .s2 { fill: #1b4f91 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9198a1 } .back { fill: #0d1117 }
.s0 { fill: #274a78 } .s1 { fill: #3f7fcb } .s2 { fill: #a5cdfb }
}`

// chart draws what each operation consumes in orgs of each size: bars of one operation that
// are equally long say that it does not depend on the org's size. It is nothing where
// nothing was measured.
func chart(r results) string {
	all, sizes := growth(r)
	if len(all) == 0 {
		return ""
	}
	longest := 0.0
	for _, g := range all {
		for _, l := range g.sizes {
			longest = max(longest, consumed(l))
		}
	}
	step := len(sizes)*thickness + gap
	width, height := labels+bars+90, top+len(all)*step+gap
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>What operations consume, by size of the organization</title>\n<style>%s\n</style>\n", style)
	fmt.Fprintf(&b, `<rect class="back" width="%d" height="%d"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="12" y="24" font-weight="600">Dollars for a million calls' capacity units, in orgs of</text>`+"\n")
	for i, n := range sizes {
		x := 12 + i*130
		fmt.Fprintf(&b, `<rect class="s%d" x="%d" y="36" width="12" height="12"/><text x="%d" y="46">%s members</text>`+"\n", i%3, x, x+18, short(n))
	}
	for row, g := range all {
		y := top + row*step
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", labels-10, y+len(sizes)*thickness/2+4, html.EscapeString(g.name))
		for i, n := range sizes {
			cost := consumed(g.sizes[n])
			length := cost / longest * bars
			fmt.Fprintf(&b, `<rect class="s%d" x="%d" y="%d" width="%.1f" height="%d"/>`, i%3, labels, y+i*thickness, max(length, 1), thickness-1)
			if i == len(sizes)-1 {
				fmt.Fprintf(&b, `<text class="quiet" x="%.1f" y="%d">%.2f</text>`, labels+length+6, y+i*thickness+8, cost)
			}
			b.WriteByte('\n')
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// consumed are the dollars for the units of a million calls.
func consumed(l line) float64 { return l.figures["WCU"]*writeUnit + l.figures["RCU"]*readUnit }
