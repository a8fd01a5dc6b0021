package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

func deliveriesCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "deliveries", Short: "what was told, to whom, and how it fared"}
	cmd.AddCommand(deliveriesListCommand(e), deliveriesShowCommand(e), deliveriesResendCommand(e),
		deliveriesActCommand(e, "replay", "send what was told once more, under a new id", (*app.Actions).ReplayDelivery),
		deliveriesActCommand(e, "drop", "give up a delivery that waits", func(a *app.Actions, ctx ctx, id string) (string, error) { return "", a.DropDelivery(ctx, id) }))
	return cmd
}

// deliveryFlags narrow a list of deliveries.
type deliveryFlags struct {
	receiver, topic, story, since string
	states                        []string
	limit                         int
}

func (f *deliveryFlags) filter(now time.Time) (store.DeliveryFilter, error) {
	out := store.DeliveryFilter{Receiver: f.receiver, Topic: f.topic, Subject: f.story, Limit: f.limit}
	known := []string{"pending", "sending", "delivered", "superseded", "held", "expired", "dead"}
	for _, s := range f.states {
		if !slices.Contains(known, s) {
			return out, usagef("--state %s: write one of %s", s, strings.Join(known, ", "))
		}
		out.States = append(out.States, notify.DeliveryState(s))
	}
	if f.since != "" {
		d, err := config.ParseDuration(f.since)
		if err != nil {
			return out, usagef("--since: %v", err)
		}
		out.From = now.Add(-d.D())
	}
	return out, nil
}

func deliveriesListCommand(e *env) *cobra.Command {
	var f deliveryFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "deliveries, newest first, with the reason of each that did not go",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := f.filter(time.Now())
			if err != nil {
				return err
			}
			return e.view(cmd.Context(), func(_ *config.Config, r store.Reader) error {
				ds, err := r.Deliveries(cmd.Context(), filter)
				if err != nil {
					return err
				}
				if len(ds) == 0 {
					return exit(exitNothing, errors.New("no deliveries"))
				}
				return e.showDeliveries(ds)
			})
		},
	}
	cmd.Flags().StringVar(&f.receiver, "receiver", "", "only to this `RECEIVER`")
	cmd.Flags().StringVar(&f.topic, "topic", "", "only of this `TOPIC`")
	cmd.Flags().StringVar(&f.story, "story", "", "only about this `STORY`")
	cmd.Flags().StringSliceVar(&f.states, "state", nil, "only in these `STATES`: pending, sending, delivered, superseded, held, expired, dead")
	cmd.Flags().StringVar(&f.since, "since", "", "only of the last `DURATION` (24h, 7d)")
	limitFlag(cmd, &f.limit, 100, "at most `N`")
	return cmd
}

func (e *env) showDeliveries(ds []notify.Delivery) error {
	var cells [][]string
	for _, d := range ds {
		if e.json {
			if err := e.writeJSON(api.DeliveryOf(d, nil)); err != nil {
				return err
			}
			continue
		}
		cells = append(cells, []string{d.ID, e.when(d.Created), d.Receiver, string(d.Type), string(d.State), fmt.Sprint(d.Attempts), d.Subject, e.remark(d)})
	}
	if !e.json {
		table(e.stdout, []string{"ID", "CREATED", "RECEIVER", "TYPE", "STATE", "TRIES", "ABOUT", "WHY"}, cells)
	}
	return nil
}

// remark says in a line why a delivery stands where it stands.
func (e *env) remark(d notify.Delivery) string {
	switch {
	case d.State == notify.Pending && d.LastError != "":
		return "again at " + e.exactly(d.NextAt) + ": " + d.LastError
	case d.Note != "":
		return d.Note
	case d.State == notify.Pending && d.NextAt.After(time.Now()):
		return "at " + e.exactly(d.NextAt)
	}
	return d.Reason
}

func deliveriesShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "one delivery: what it says, and every try with its answer",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.view(cmd.Context(), func(_ *config.Config, r store.Reader) error {
				d, err := r.Delivery(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				tries, err := r.Attempts(cmd.Context(), d.ID)
				if err != nil {
					return err
				}
				return e.showDelivery(d, tries)
			})
		},
	}
}

func (e *env) showDelivery(d notify.Delivery, tries []notify.Attempt) error {
	if e.json {
		form := api.DeliveryOf(d, tries)
		if json.Valid(d.Payload) {
			form.Payload = d.Payload
		}
		return e.writeJSON(form)
	}
	w := e.stdout
	fmt.Fprintf(w, "%s  %s to %s: %s\n", d.ID, d.Type, d.Receiver, d.State)
	fmt.Fprintf(w, "about %s, message %d, because %s\n", d.Subject, d.Sequence, d.Reason)
	fmt.Fprintf(w, "made %s\n", e.exactly(d.Created))
	if why := e.remark(d); why != d.Reason {
		fmt.Fprintln(w, why)
	}
	if d.ReplayOf != "" {
		fmt.Fprintln(w, "replay of "+d.ReplayOf)
	}
	for _, a := range tries {
		fmt.Fprintf(w, "\ntry %d at %s, %d ms: ", a.N, e.exactly(a.At), a.Elapsed.Milliseconds())
		switch {
		case a.Err != "":
			fmt.Fprintln(w, a.Err)
		case a.Status != 0:
			fmt.Fprintf(w, "taken (%d)\n", a.Status)
		default:
			fmt.Fprintln(w, "taken")
		}
		if a.Answer != "" {
			fmt.Fprintln(w, "  "+strings.ReplaceAll(strings.TrimSpace(a.Answer), "\n", "\n  "))
		}
	}
	var body bytes.Buffer
	if json.Indent(&body, d.Payload, "", "  ") == nil && body.Len() > 0 {
		fmt.Fprintf(w, "\n%s\n", body.String())
	}
	return nil
}

func deliveriesResendCommand(e *env) *cobra.Command {
	var dead bool
	var receiver string
	cmd := &cobra.Command{
		Use:   "resend ID... | --dead [--receiver RECEIVER]",
		Short: "send dead, held, expired or delivered ones again, under the same id",
		RunE: func(cmd *cobra.Command, args []string) error {
			if dead == (len(args) > 0) {
				return usagef("name deliveries, or --dead for every dead letter")
			}
			if receiver != "" && !dead {
				return usagef("--receiver goes with --dead")
			}
			if dead {
				err := e.view(cmd.Context(), func(_ *config.Config, r store.Reader) error {
					ds, err := r.Deliveries(cmd.Context(), store.DeliveryFilter{Receiver: receiver, States: []notify.DeliveryState{notify.Dead}, Oldest: true})
					for _, d := range ds {
						if d.Note != notify.Dropped {
							args = append(args, d.ID)
						}
					}
					return err
				})
				if err != nil {
					return err
				}
				if len(args) == 0 {
					return exit(exitNothing, errors.New("there are no dead letters"))
				}
			}
			return e.each(args, "sent again: ", func(id string) (string, error) {
				return "", e.act(cmd.Context(), "POST", "/api/v1/deliveries/"+url.PathEscape(id)+"/resend", nil, nil,
					func(a *app.Actions) error { return a.ResendDelivery(cmd.Context(), id) })
			})
		},
	}
	cmd.Flags().BoolVar(&dead, "dead", false, "every dead letter")
	cmd.Flags().StringVar(&receiver, "receiver", "", "with --dead: only of this `RECEIVER`")
	return cmd
}

// deliveriesActCommand is a verb that does something to named deliveries.
func deliveriesActCommand(e *env, verb, short string, do func(*app.Actions, ctx, string) (string, error)) *cobra.Command {
	done := map[string]string{"replay": "replayed: ", "drop": "dropped: "}[verb]
	return &cobra.Command{
		Use:   verb + " ID...",
		Short: short,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.each(args, done, func(id string) (string, error) {
				var said api.Done
				err := e.act(cmd.Context(), "POST", "/api/v1/deliveries/"+url.PathEscape(id)+"/"+verb, nil, &said, func(a *app.Actions) (err error) {
					said.ID, err = do(a, cmd.Context(), id)
					return err
				})
				return said.ID, err
			})
		},
	}
}

// each does one thing to each of many; what fails is said and the rest goes on.
func (e *env) each(ids []string, done string, do func(id string) (string, error)) error {
	return e.eachOf(ids, func(id string) error {
		fresh, err := do(id)
		if err != nil {
			return err
		}
		if e.json {
			return e.writeJSON(map[string]string{"id": id, "new_id": fresh})
		}
		if fresh != "" {
			id += " as " + fresh
		}
		_, err = fmt.Fprintln(e.stdout, done+id)
		return err
	})
}

// eachOf does one thing to each of many and says what fails: exit 4 where some
// went well, 3 where none of them is there.
func (e *env) eachOf(ids []string, do func(id string) error) error {
	failed, missing := 0, 0
	for _, id := range ids {
		err := do(id)
		if err == nil {
			continue
		}
		if len(ids) == 1 {
			return err
		}
		failed++
		if x := (*exitError)(nil); errors.As(err, &x) && x.code == exitNothing {
			missing++
		}
		fmt.Fprintln(e.stderr, "watcher: "+err.Error())
	}
	switch {
	case failed == 0:
		return nil
	case missing == len(ids):
		return exit(exitNothing, nil)
	case failed == len(ids):
		return exit(exitFailed, nil)
	}
	return exit(exitPartly, nil)
}
