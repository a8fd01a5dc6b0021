package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

type ctx = context.Context

func receiversCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "receivers", Short: "who can be told, and how they fare"}
	cmd.AddCommand(receiversListCommand(e),
		receiverEnableCommand(e),
		receiverActCommand(e, "pause", "pause", "let what is due for receivers wait", "paused: ",
			func(a *app.Actions, c ctx, id string) error { return a.PauseReceiver(c, id, true) }),
		receiverActCommand(e, "resume", "resume", "let what waits for paused receivers go", "resumed: ",
			func(a *app.Actions, c ctx, id string) error { return a.PauseReceiver(c, id, false) }))
	return cmd
}

// receiverEnableCommand also takes an address back that has unsubscribed.
func receiverEnableCommand(e *env) *cobra.Command {
	cmd := receiverActCommand(e, "enable", "enable", "send again to receivers that were disabled or paused, or to an address that unsubscribed", "enabled: ", (*app.Actions).EnableReceiver)
	address := cmd.Flags().String("address", "", "take this address back into the mails that it unsubscribed from")
	enable := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *address == "" {
			return enable(cmd, args)
		}
		c, err := e.loadConfig()
		if err != nil {
			return err
		}
		if _, err := receiversNamed(c, args); err != nil {
			return err
		}
		if !app.StoreExists(c) {
			return exit(exitNothing, noStoreYet(c, "nobody has unsubscribed"))
		}
		s, err := app.OpenStore(cmd.Context(), c, app.Write)
		if err != nil {
			return err
		}
		defer s.Close()
		return e.each(args, "takes "+*address+" back: ", func(id string) (string, error) {
			err := app.TakeBack(cmd.Context(), s, id, *address)
			if errors.Is(err, store.ErrNotFound) {
				return "", exit(exitNothing, fmt.Errorf("receiver %s: %s has not unsubscribed; see `watcher receivers list`", id, *address))
			}
			return "", err
		})
	}
	return cmd
}

func receiverActCommand(e *env, verb, path, short, done string, do func(*app.Actions, ctx, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " RECEIVER...",
		Short: short,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			if _, err := receiversNamed(c, args); err != nil {
				return err
			}
			return e.each(args, done, func(id string) (string, error) {
				return "", e.act(cmd.Context(), "POST", "/api/v1/receivers/"+url.PathEscape(id)+"/"+path, nil, nil,
					func(a *app.Actions) error { return do(a, cmd.Context(), id) })
			})
		},
	}
}

// receiverForm is a receiver in `receivers list --json`.
type receiverForm struct {
	api.Receiver
	Type string `json:"type"`
}

func receiversListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "every receiver with its state and what waits for it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.loadConfig()
			if err != nil {
				return err
			}
			if len(c.Receivers) == 0 {
				return exit(exitNothing, errors.New("no receivers: name one under receivers: in the configuration"))
			}
			states, counts, err := e.receiverStates(cmd.Context(), c)
			if err != nil {
				return err
			}
			now := time.Now()
			var cells [][]string
			for _, r := range c.Receivers {
				st := states[r.ID]
				st.ID = r.ID
				form := receiverForm{api.ReceiverOf(st, counts[r.ID], now), r.Type}
				if e.json {
					if err := e.writeJSON(form); err != nil {
						return err
					}
					continue
				}
				why := form.Why
				if len(form.Unsubscribed) > 0 {
					why = strings.TrimPrefix(why+"; ", "; ") + "unsubscribed: " + strings.Join(form.Unsubscribed, ", ")
				}
				cells = append(cells, []string{r.ID, r.Type, form.State, ago(st.LastOK, now), tally(form.Messages), why})
			}
			if !e.json {
				table(e.stdout, []string{"RECEIVER", "TYPE", "STATE", "TAKEN", "MESSAGES", "WHY"}, cells)
			}
			return nil
		},
	}
}

func (e *env) receiverStates(ctx context.Context, c *config.Config) (map[string]notify.ReceiverState, map[string]map[notify.DeliveryState]int, error) {
	states := map[string]notify.ReceiverState{}
	if !app.StoreExists(c) {
		return states, nil, nil
	}
	var counts map[string]map[notify.DeliveryState]int
	err := e.view(ctx, func(_ *config.Config, r store.Reader) error {
		rs, err := r.Receivers(ctx)
		if err != nil {
			return err
		}
		for _, s := range rs {
			states[s.ID] = s
		}
		counts, err = r.CountDeliveries(ctx, store.DeliveryFilter{})
		return err
	})
	return states, counts, err
}

// tally writes counts by state: "3 pending, 120 delivered".
func tally(n map[string]int) string {
	var parts []string
	for state, count := range n {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, state))
		}
	}
	sort.Slice(parts, func(i, j int) bool {
		return strings.SplitN(parts[i], " ", 2)[1] < strings.SplitN(parts[j], " ", 2)[1]
	})
	return strings.Join(parts, ", ")
}
