// gateway-token makes a token for the LLM gateway of a stage and prints it, once. The table
// keeps its hash. The token before stays good until the next one is made.
//
// It runs with the caller's own AWS credentials: go run ./infra/gateway-token STAGE
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/store"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: make gateway-token STAGE=prod")
		os.Exit(2)
	}
	token, err := rotate(context.Background(), os.Args[1])
	if token != "" {
		fmt.Println(token)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gateway-token:", err)
		if token != "" {
			fmt.Fprintln(os.Stderr, "It is not known whether the token above is good. Try it before you make another: that ends the one in use.")
		}
		os.Exit(1)
	}
}

func rotate(ctx context.Context, stage string) (string, error) {
	account, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return "", err
	}
	table, err := tableOf(ctx, cloudformation.NewFromConfig(account), "nemo-team-"+stage)
	if err != nil {
		return "", err
	}
	return gateway.Rotator{Store: store.New(dynamodb.NewFromConfig(account), table), Now: time.Now}.Rotate(ctx)
}

// tableOf reads the output of the stack that names its table.
func tableOf(ctx context.Context, c *cloudformation.Client, stack string) (string, error) {
	out, err := c.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		return "", err
	}
	for _, s := range out.Stacks {
		for _, o := range s.Outputs {
			if aws.ToString(o.OutputKey) == "TableName" {
				return aws.ToString(o.OutputValue), nil
			}
		}
	}
	return "", fmt.Errorf("the stack %s has no table", stack)
}
