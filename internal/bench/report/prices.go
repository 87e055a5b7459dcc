package main

// List prices in us-east-1, of November 2026, in dollars a million or as told. No free tier
// is taken off.
const (
	writeUnit    = 0.625 // table and indexes, on demand
	readUnit     = 0.125
	apiRequest   = 1.00 // HTTP API
	invocation   = 0.20
	gigabyteTime = 13.3334 // a million GB-seconds, arm64, is as many dollars
	mail         = 100.0
	gigabyteOut  = 0.09 // dollars each
)

// What a price rests on beside what is measured.
const (
	memory    = 0.5  // GB of a function; processing power comes with it
	roundTrip = 4.0  // ms to the table and back within a region
	sending   = 40.0 // ms for SES to take a mail
	share     = 0.29 // of a processor that comes with the memory
)

// perMillion is what a million of an operation cost in dollars:
//
//	units × their price + requests + the time that a function is paid for + mails + bytes out
//
// The time is that of round trips and mails, which cannot be measured here, and our own.
func perMillion(l line) float64 {
	requests := apiRequest + invocation
	if isScheduled(l.name) {
		requests = invocation
	}
	ms := l.figures["trips"]*roundTrip + l.figures["mails"]*sending + l.figures["cpu-ms"]/share
	return l.figures["WCU"]*writeUnit + l.figures["RCU"]*readUnit + requests +
		ms/1000*memory*gigabyteTime + l.figures["mails"]*mail + l.figures["answer-B"]*1e6/1e9*gigabyteOut
}
