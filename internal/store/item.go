package store

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// attributes is an item, or a part of one.
type attributes = map[string]types.AttributeValue

// Items are the nouns' own structs under their JSON names, beside their keys. Times are
// microseconds since the epoch, as numbers, so that conditions can compare them; zero
// times are left out where the field says omitempty.
var (
	encoder = attributevalue.NewEncoder(func(o *attributevalue.EncoderOptions) {
		o.TagKey = "json"
		o.OmitEmptyTime = true
		o.EncodeTime = func(t time.Time) (types.AttributeValue, error) {
			return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.UnixMicro(), 10)}, nil
		}
	})
	decoder = attributevalue.NewDecoder(func(o *attributevalue.DecoderOptions) {
		o.TagKey = "json"
		o.DecodeTime.N = func(n string) (time.Time, error) {
			us, err := strconv.ParseInt(n, 10, 64)
			return time.UnixMicro(us).UTC(), err
		}
	})
)

// encode returns v as an attribute. It panics on what has no such form: that is an error
// of the program, not of its input.
func encode(v any) types.AttributeValue {
	av, err := encoder.Encode(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T has no form as an attribute: %v", v, err))
	}
	return av
}

// encodeItem returns a struct as an item.
func encodeItem(row any) attributes {
	m, ok := encode(row).(*types.AttributeValueMemberM)
	if !ok {
		panic(fmt.Sprintf("store: %T is not an item", row))
	}
	return m.Value
}

// decode fills row, a pointer to a struct, from an item.
func decode(item attributes, row any) error {
	return decoder.Decode(&types.AttributeValueMemberM{Value: item}, row)
}

// decodeAs returns an item as a T.
func decodeAs[T any](item attributes) (T, error) {
	var row T
	return row, decode(item, &row)
}

// keyAttributes returns the key in the form of the SDK.
func (k key) attributes() attributes {
	return attributes{
		HashAttribute: &types.AttributeValueMemberS{Value: k.PK},
		SortAttribute: &types.AttributeValueMemberS{Value: k.SK},
	}
}

// expiring gives an item a TTL.
type expiring struct {
	TTL int64 `json:"ttl,omitempty"`
}

// until is the TTL of what may vanish some time after t. DynamoDB may be days late:
// whoever reads such an item compares the time itself.
func until(t time.Time) expiring { return expiring{t.Unix() + 1} }
