// function does as its event says.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type answer struct {
	Greeting  string `json:"greeting"`
	Function  string `json:"function"`
	ARN       string `json:"arn"`
	RequestID string `json:"request_id"`
	Seconds   int    `json:"seconds"`
	Calls     int    `json:"calls"`
}

var calls int

func main() {
	if os.Getenv("EXIT_AT_INIT") != "" {
		fmt.Fprintln(os.Stderr, "GREETING is not set")
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, do string) (answer, error) {
	calls++
	fmt.Println("asked to", do)
	switch do {
	case "fail":
		return answer{}, errors.New("no luck")
	case "panic":
		panic("no hope")
	case "exit":
		os.Exit(4)
	case "hang":
		time.Sleep(time.Hour)
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return answer{
		Greeting:  os.Getenv("GREETING"),
		Function:  lambdacontext.FunctionName,
		ARN:       lc.InvokedFunctionArn,
		RequestID: lc.AwsRequestID,
		Seconds:   int(time.Until(deadline).Round(time.Second).Seconds()),
		Calls:     calls,
	}, nil
}
