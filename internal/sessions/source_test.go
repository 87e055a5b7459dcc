package sessions

import (
	"net/netip"
	"testing"
)

// FuzzSource: every address of a network counts as the same source, and what is no address
// as one source for all: nobody slips through a limit by how an address is written.
func FuzzSource(f *testing.F) {
	for _, seed := range []string{
		"", "192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::2%eth0", "2001:DB8:0:0:1::", "1.2.3", "192.0.2.1:80", "[::1]", "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ip string) {
		source := Source(ip)
		addr, err := netip.ParseAddr(ip)
		if err != nil {
			if source != "unknown" {
				t.Errorf("%q counts as %q", ip, source)
			}
			return
		}
		if zoned := Source(addr.WithZone("x").String()); addr.Is6() && zoned != source {
			t.Errorf("%q counts as %q, with a zone as %q", ip, source, zoned)
		}
		if addr = addr.Unmap().WithZone(""); addr.Is4() {
			if source != addr.String() {
				t.Errorf("%q counts as %q", ip, source)
			}
			return
		}
		neighbour := addr.As16()
		neighbour[15] ^= 1
		if other := Source(netip.AddrFrom16(neighbour).WithZone("").String()); !addr.Is4In6() && other != source {
			t.Errorf("%q counts as %q, its neighbour as %q", ip, source, other)
		}
	})
}
