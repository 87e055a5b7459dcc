package main

import (
	"net"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for setting, want := range map[string]string{
		"": "localhost:8080", "9090": "localhost:9090", ":9090": "localhost:9090", "http://localhost:9090/": "localhost:9090",
		"127.0.0.1:9090": "127.0.0.1:9090", "[::1]:9090": "[::1]:9090", "localhost:0": "localhost:0",
		"nonsense": "", "localhost": "", "localhost:": "", "localhost:http": "", "localhost:99999": "", "localhost:-1": "", ":::": "", "https://localhost": "",
	} {
		got, err := parseAddress(setting)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", setting, got, err, want)
		}
		if err != nil && (!strings.Contains(err.Error(), "NEMO_ADDR="+setting) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

func TestListenOn(t *testing.T) {
	l, address, err := listenOn("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, port, _ := net.SplitHostPort(address); port == "0" || !keepsSessions(address) {
		t.Errorf("listens on %s", address)
	}
	if _, _, err := listenOn(address); err == nil || !strings.Contains(err.Error(), address+" is taken") {
		t.Errorf("listens twice: %v", err)
	}
	if keepsSessions("0.0.0.0:8080") || !keepsSessions("127.0.0.1:8080") || !keepsSessions("[::1]:8080") {
		t.Error("browsers keep sessions elsewhere")
	}
}
