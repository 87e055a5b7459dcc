package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// api is the HTTP API.
type api struct{ awsapigatewayv2.CfnApi }

func newAPI(stack awscdk.Stack, s settings) api {
	return api{awsapigatewayv2.NewCfnApi(stack, jsii.String("Api"), &awsapigatewayv2.CfnApiProps{
		Name:              jsii.String("nemo-team-" + s.stage),
		ProtocolType:      jsii.String("HTTP"),
		CorsConfiguration: cors(s.corsOrigins),
	})}
}

// cors lets pages of other origins call with a bearer token; they never get a cookie along.
func cors(origins []string) any {
	if len(origins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CfnApi_CorsProperty{
		AllowOrigins:  jsii.Strings(origins...),
		AllowMethods:  jsii.Strings("GET", "POST", "PUT", "PATCH", "DELETE"),
		AllowHeaders:  jsii.Strings("authorization", "content-type", "idempotency-key", "accept"),
		ExposeHeaders: jsii.Strings("x-request-id", "idempotency-replayed", "retry-after"),
		MaxAge:        jsii.Number(3600),
	}
}

// publicURL is the configured one, or where API Gateway puts the API.
func (a api) publicURL(s settings) string {
	if s.publicURL == autoURL {
		return *a.AttrApiEndpoint()
	}
	return s.publicURL
}

// route makes the routes of all functions, and the stage that serves them.
func (d *deployment) route() {
	routes := routesOf()
	stage := d.newStage()
	for _, f := range d.triggered(requests) {
		target := d.integrate(f)
		keys := []string{}
		for _, r := range routes[f.name] {
			keys = append(keys, routeKey(r))
		}
		if f.name == fallback {
			keys = append(keys, fallbackKey)
		}
		for _, key := range keys {
			awsapigatewayv2.NewCfnRoute(d.stack, jsii.String("Route "+key), &awsapigatewayv2.CfnRouteProps{
				ApiId: d.api.AttrApiId(), RouteKey: jsii.String(key), Target: target,
			})
		}
	}
	if d.certificate != "" {
		d.answerAt(d.domain(), stage)
	}
}

// integrate lets the API invoke a function.
func (d *deployment) integrate(f function) *string {
	awslambda.NewCfnPermission(d.stack, jsii.String(f.name+"Permission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: f.FunctionArn(),
		Principal:    jsii.String("apigateway.amazonaws.com"),
		SourceArn: d.stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("execute-api"), Resource: d.api.AttrApiId(), ResourceName: jsii.String("*"),
		}),
	})
	integration := awsapigatewayv2.NewCfnIntegration(d.stack, jsii.String(f.name+"Integration"), &awsapigatewayv2.CfnIntegrationProps{
		ApiId:                d.api.AttrApiId(),
		IntegrationType:      jsii.String("AWS_PROXY"),
		IntegrationUri:       f.FunctionArn(),
		PayloadFormatVersion: jsii.String("2.0"),
	})
	return jsii.String("integrations/" + *integration.Ref())
}

// accessLog is what is kept of each request. It holds the route and never the path: paths
// of emailed links hold tokens.
var accessLog = map[string]string{
	"time":               "$context.requestTime",
	"request_id":         "$context.requestId",
	"route":              "$context.routeKey",
	"status":             "$context.status",
	"latency_ms":         "$context.responseLatency",
	"function_ms":        "$context.integrationLatency",
	"function_status":    "$context.integrationStatus",
	"bytes":              "$context.responseLength",
	"source_ip":          "$context.identity.sourceIp",
	"integration_error":  "$context.integrationErrorMessage",
	"gateway_error_type": "$context.error.responseType",
}

// newStage makes the stage. Deploying by itself is how routes of an HTTP API go live.
func (d *deployment) newStage() awsapigatewayv2.CfnStage {
	// The prefix keeps the group out of the account's one policy for log delivery, which is small.
	logs := d.newLogs("AccessLogs", jsii.String("/aws/vendedlogs/nemo-team-"+d.stage+"/access"))
	format, err := json.Marshal(accessLog)
	if err != nil {
		panic(err) // strings always have JSON
	}
	return awsapigatewayv2.NewCfnStage(d.stack, jsii.String("Stage"), &awsapigatewayv2.CfnStageProps{
		ApiId:      d.api.AttrApiId(),
		StageName:  jsii.String("$default"),
		AutoDeploy: true,
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: logs.LogGroupArn(), Format: jsii.String(string(format)),
		},
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingRateLimit:  jsii.Number(float64(d.rate)),
			ThrottlingBurstLimit: jsii.Number(float64(2 * d.rate)),
		},
	})
}

// answerAt makes the API answer at a domain of one's own. The output is what the domain's
// DNS record must point to.
func (d *deployment) answerAt(domain string, stage awsapigatewayv2.CfnStage) {
	name := awsapigatewayv2.NewCfnDomainName(d.stack, jsii.String("Domain"), &awsapigatewayv2.CfnDomainNameProps{
		DomainName: jsii.String(domain),
		DomainNameConfigurations: []any{&awsapigatewayv2.CfnDomainName_DomainNameConfigurationProperty{
			CertificateArn: jsii.String(d.certificate), EndpointType: jsii.String("REGIONAL"), SecurityPolicy: jsii.String("TLS_1_2"),
		}},
	})
	awsapigatewayv2.NewCfnApiMapping(d.stack, jsii.String("DomainMapping"), &awsapigatewayv2.CfnApiMappingProps{
		ApiId: d.api.AttrApiId(), DomainName: name.Ref(), Stage: stage.Ref(),
	})
	d.output("DomainTarget", *name.AttrRegionalDomainName(), "What a CNAME record of "+domain+" must point to")
}
