package main

import (
	"fmt"
	"net"
	"strings"
)

const defaultAddress = "localhost:8080"

// parseAddress reads NEMO_ADDR: host:port, :port, a port, or all that as a URL.
func parseAddress(s string) (string, error) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "http://"), "/")
	if s == "" {
		return defaultAddress, nil
	}
	if !strings.Contains(s, ":") {
		s = ":" + s
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", fmt.Errorf("NEMO_ADDR is not an address such as %s", defaultAddress)
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

// publicURL is what browsers call the address. They treat localhost as secure, and so
// keep the session's cookie; any other host needs HTTPS for that.
func publicURL(address string) string { return "http://" + address }
