package model

const dollar = 1_000_000_000 // in nanodollars

type budget struct{}
type event struct{}
