package pages

import "strings"

// mark is a word in a browser's name for itself, and what it gives away.
type mark struct{ in, name string }

// Browsers name their ancestors too, so the order matters.
var (
	browsers = []mark{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}}
	systems  = []mark{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// device says in words what sent the user agent's name.
func device(userAgent string) string {
	browser, system := firstOf(browsers, userAgent), firstOf(systems, userAgent)
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser+system != "":
		return browser + system
	case userAgent != "":
		return userAgent
	default:
		return "Unknown device"
	}
}

func firstOf(marks []mark, in string) string {
	for _, m := range marks {
		if strings.Contains(in, m.in) {
			return m.name
		}
	}
	return ""
}
