package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

const defaultAddress = "localhost:8080"

// parseAddress reads NEMO_ADDR: host:port, :port, a port, or all that as a URL.
func parseAddress(s string) (string, error) {
	wrong := fmt.Errorf("NEMO_ADDR=%s is not an address such as %s", s, defaultAddress)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "http://"), "/")
	if s == "" {
		return defaultAddress, nil
	}
	if !strings.Contains(s, ":") {
		s = ":" + s
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", wrong
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", wrong
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

// listenOn listens on what NEMO_ADDR says, and returns the address with its real port.
func listenOn(setting string) (net.Listener, string, error) {
	address, err := parseAddress(setting)
	if err != nil {
		return nil, "", err
	}
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, "", fmt.Errorf("%s is taken by another program: choose another address, as in NEMO_ADDR=localhost:9090 make dev", address)
	case err != nil:
		return nil, "", fmt.Errorf("NEMO_ADDR=%s cannot be listened on: %w", address, err)
	}
	host, port, _ := net.SplitHostPort(address)
	if port == "0" { // a free one
		_, port, _ = net.SplitHostPort(l.Addr().String())
	}
	return l, net.JoinHostPort(host, port), nil
}

// publicURL is what browsers call the address. They treat localhost as secure, and so
// keep the session's cookie; any other host needs HTTPS for that.
func publicURL(address string) string { return "http://" + address }

// keepsSessions reports whether browsers keep the session's cookie there.
func keepsSessions(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
