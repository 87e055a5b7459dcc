package mail

import (
	"fmt"
	"html/template"
)

// looks are the inline styles of the HTML parts, by class. Mail programs that drop style
// sheets show these; the layout's sheet only adds dark colours and narrow screens.
var looks = map[string]string{
	"body":   "margin:0;padding:0;background-color:#f4f7f8;color:#10212b;-webkit-text-size-adjust:100%;" + font,
	"hidden": "display:none;max-height:0;overflow:hidden;opacity:0;color:transparent;font-size:1px;line-height:1px",
	"canvas": "background-color:#f4f7f8",
	"frame":  "width:100%;max-width:528px;margin:0 auto",
	"brand":  "padding:0 4px 16px;font-size:15px;line-height:20px;font-weight:600;color:#10212b;" + font,
	"dot":    "color:#e2592d",
	"card":   "padding:32px;background-color:#ffffff;border:1px solid #dce4e8;border-radius:14px;" + font,
	"h1":     "margin:0 0 16px;font-size:22px;line-height:29px;font-weight:650;letter-spacing:-0.01em;color:#10212b;overflow-wrap:anywhere",
	"p":      "margin:0 0 16px;font-size:16px;line-height:25px;color:#10212b;overflow-wrap:anywhere",
	"facts":  "margin:0 0 24px;padding:4px 18px;background-color:#f4f7f8;border-radius:10px",
	"label":  "margin:12px 0 2px;font-size:13px;line-height:18px;color:#4d616c",
	"value":  "margin:0 0 12px;font-size:16px;line-height:23px;font-weight:600;color:#10212b;overflow-wrap:anywhere",
	"aside":  "font-size:14px;line-height:21px;font-weight:400;color:#4d616c",
	"button": "margin:8px 0 24px",
	"pill":   "border-radius:9px;background-color:#0b6680",
	"push":   "display:inline-block;padding:13px 26px;border-radius:9px;font-size:16px;line-height:22px;font-weight:600;color:#ffffff;text-decoration:none;" + font,
	"small":  "margin:0 0 8px;font-size:14px;line-height:21px;color:#4d616c",
	"raw":    "margin:0;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;line-height:20px;color:#4d616c;word-break:break-all;overflow-wrap:anywhere",
	"foot":   "padding:20px 4px 0;font-size:13px;line-height:20px;color:#4d616c;overflow-wrap:anywhere;" + font,
}

const font = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

// as gives an element the class and the inline style of that name.
func as(class string) (template.HTMLAttr, error) {
	style, ok := looks[class]
	if !ok {
		return "", fmt.Errorf("no style %q", class)
	}
	return template.HTMLAttr(fmt.Sprintf(`class="%s" style="%s"`, class, style)), nil
}
