package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"
)

// mail is the way of mails out, and the way back of bounces and complaints.
type mail struct {
	identityARN string
	set         awsses.ConfigurationSet
	topic       awssns.Topic
}

// newMail makes the configuration set and its topic, and the sender's identity unless it
// exists.
func newMail(stack awscdk.Stack, s settings) mail {
	m := mail{
		identityARN: *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ses"), Resource: jsii.String("identity"), ResourceName: jsii.String(s.identity()),
		}),
		set: awsses.NewConfigurationSet(stack, jsii.String("Mail"), &awsses.ConfigurationSetProps{
			TlsPolicy:          awsses.ConfigurationSetTlsPolicy_REQUIRE, // the links are secrets
			ReputationMetrics:  jsii.Bool(true),
			SuppressionReasons: awsses.SuppressionReasons_BOUNCES_AND_COMPLAINTS,
		}),
		topic: awssns.NewTopic(stack, jsii.String("MailFeedback"), &awssns.TopicProps{
			SignatureVersion: jsii.String("2"), EnforceSSL: jsii.Bool(true), // 2 is SHA-256
		}),
	}
	m.tellOfFailures(stack)
	if s.mailIdentity == "" {
		verify(stack, s.identity())
	}
	return m
}

// tellOfFailures sends bounces and complaints to the topic, to which nobody else may publish.
func (m mail) tellOfFailures(stack awscdk.Stack) {
	m.set.AddEventDestination(jsii.String("Failures"), &awsses.ConfigurationSetEventDestinationOptions{
		Destination: awsses.EventDestination_SnsTopic(m.topic),
		Events:      &[]awsses.EmailSendingEvent{awsses.EmailSendingEvent_BOUNCE, awsses.EmailSendingEvent_COMPLAINT},
	})
}

func (m mail) setARN(stack awscdk.Stack) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ses"), Resource: jsii.String("configuration-set"), ResourceName: m.set.ConfigurationSetName(),
	})
}

// verify makes the identity of the sender's domain. The outputs are the DNS records that
// prove to SES that the domain is ours.
func verify(stack awscdk.Stack, domain string) {
	identity := awsses.NewEmailIdentity(stack, jsii.String("Sender"), &awsses.EmailIdentityProps{
		Identity:           awsses.Identity_Domain(jsii.String(domain)),
		FeedbackForwarding: jsii.Bool(false), // it comes by the topic
	})
	for i, record := range *identity.DkimRecords() {
		awscdk.NewCfnOutput(stack, jsii.String("SenderRecord"+strconv.Itoa(i+1)), &awscdk.CfnOutputProps{
			Value:       jsii.String(*record.Name + " CNAME " + *record.Value),
			Description: jsii.String("DNS record that verifies " + domain),
		})
	}
}

// mailGrant lets a function send as the sender, through the configuration set.
func (d *deployment) mailGrant() awsiam.PolicyStatement {
	return allow("SendMail", []string{"ses:SendEmail"}, []string{d.mail.identityARN, *d.mail.setARN(d.stack)},
		&map[string]any{"StringEquals": map[string]any{"ses:FromAddress": d.mailFrom}})
}

// listen lets the functions for bounces hear the topic.
func (d *deployment) listen() {
	for _, f := range d.triggered(bounces) {
		d.mail.topic.AddSubscription(awssnssubscriptions.NewLambdaSubscription(f.Function, &awssnssubscriptions.LambdaSubscriptionProps{
			DeadLetterQueue: d.deadLetters,
		}))
		d.keepFailures(f, feedbackAge)
	}
}
