package web

import "github.com/nemorouter/nemo-team/internal/page"

// Paging is what every list takes.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many rows at most."`
	Cursor string `query:"cursor" maxLength:"4096" doc:"next_cursor of the page before."`
}

func (p Paging) request() page.Request { return page.Request{Limit: p.Limit, Cursor: p.Cursor} }

// listBody is the answer of every list.
type listBody[T any] struct {
	Data       []T    `json:"data" nullable:"false" doc:"The rows. A page may hold fewer than asked for and not be the last."`
	NextCursor string `json:"next_cursor,omitempty" doc:"Where the next page begins. Missing on the last page."`
}

type listOutput[T any] struct{ Body listBody[T] }

// listed turns a page of things into a page of what is shown of them.
func listed[T, B any](p page.Of[T], shape func(T) B) *listOutput[B] {
	data := make([]B, len(p.Data))
	for i, row := range p.Data {
		data[i] = shape(row)
	}
	return &listOutput[B]{listBody[B]{Data: data, NextCursor: p.Next}}
}

// output is an answer that is only a body.
type output[T any] struct{ Body T }

func answer[T any](body T, err error) (*output[T], error) {
	if err != nil {
		return nil, err
	}
	return &output[T]{body}, nil
}

// none is an answer without a body.
type none struct{}

func done(err error) (*none, error) {
	if err != nil {
		return nil, err
	}
	return nil, nil
}

// nothing is a request without parameters.
type nothing struct{}

// ByID is a request for one thing.
type ByID struct {
	ID string `path:"id" doc:"The thing's id, a UUID."`
}
