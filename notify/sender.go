package notify

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Receiver is one configured receiver as the Sender needs it.
type Receiver struct {
	ID          string
	Notifier    Notifier
	Timeout     time.Duration // 0: 15 s
	Fingerprint string        // of its settings: a change enables a disabled one
}

// Verdict is a gate's word on a delivery that is due: the zero value lets it go.
type Verdict struct {
	State  DeliveryState // Held, Superseded or Expired; empty: send it
	Note   string        // why
	NextAt time.Time     // with an empty State: not before this
}

// Options are what a Sender is made of. Outbox and Compose are needed.
type Options struct {
	Outbox Outbox
	// Compose says what a delivery tells, once, before its first try. An error
	// that wraps ErrUnknown makes it a dead letter, any other is tried again.
	Compose func(ctx context.Context, d Delivery) (Message, error)
	// Gate is asked before the first try: quiet hours, silences, budgets.
	Gate func(ctx context.Context, d Delivery, now time.Time) (Verdict, error)
	// Tick is called now and then, to let go what was held; it says when it
	// wants to be called again.
	Tick func(ctx context.Context, now time.Time) (time.Time, error)
	// Event is told of a receiver that is degraded or disabled; the number
	// of the outage keeps the event from being told twice.
	Event func(ctx context.Context, t Type, e Event, outage int64)
	// Observe is told of each outcome: delivered, retry, dead, held, superseded, expired.
	Observe func(d Delivery, outcome string, elapsed time.Duration)

	Log   *slog.Logger
	Now   func() time.Time
	Rand  func() float64 // in [0, 1)
	Grace time.Duration  // for a send in hand at a stop; 0: 5 s
	Idle  time.Duration  // how often to look for what another process wrote; 0: 15 s
	// Shared: other Senders work the same outbox. What they claimed is theirs
	// until the claim ends.
	Shared bool
}

// Sender sends what the outbox holds: at least once, each story in order, a
// dead receiver in nobody's way. One Sender works an outbox; with replicas
// each has its own, and Begin decides who sends what.
type Sender struct {
	o Options

	rescueEvery time.Duration

	wake chan struct{}
	done chan struct{} // a send ended

	mu       sync.Mutex
	lanes    map[string]*lane
	stale    bool      // the outbox may hold something new that is due
	dueAt    time.Time // when something waiting falls due, as far as known
	tickAt   time.Time // next call of Tick
	rescueAt time.Time // next look for deliveries whose sender died
	wg       sync.WaitGroup
}

const (
	perLane      = 4                // sends in flight a receiver
	queued       = 64               // due deliveries kept in memory a receiver
	rescueEvery  = 10 * time.Second // where a process that died may have claimed something; alone, when there is a look anyway
	claimSlack   = 45 * time.Second // a claim lasts for the receiver's timeout and this, for what comes before and after a send
	orphanAfter  = time.Hour        // a receiver may be new to another replica, or missing by mistake
	storeTimeout = 5 * time.Second
)

// New makes a Sender without receivers.
func New(o Options) *Sender {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Grace == 0 {
		o.Grace = 5 * time.Second
	}
	if o.Idle == 0 {
		o.Idle = 15 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(Delivery, string, time.Duration) {}
	}
	rescue := o.Idle
	if o.Shared {
		rescue = rescueEvery
	}
	return &Sender{o: o, rescueEvery: rescue, wake: make(chan struct{}, 1), done: make(chan struct{}, 1), lanes: map[string]*lane{}}
}

// SetReceivers replaces the configured receivers, at start and at a reload.
func (s *Sender) SetReceivers(rs []Receiver) {
	s.mu.Lock()
	defer s.mu.Unlock()
	configured := map[string]bool{}
	for _, r := range rs {
		if r.Timeout == 0 {
			r.Timeout = 15 * time.Second
		}
		configured[r.ID] = true
		s.lane(r.ID).Receiver = r
	}
	for id, l := range s.lanes {
		if !configured[id] {
			l.Receiver = Receiver{ID: id}
		}
	}
	s.poke()
}

// Wake tells the Sender that deliveries were written. It never blocks.
func (s *Sender) Wake() {
	s.mu.Lock()
	s.poke()
	s.mu.Unlock()
}

func (s *Sender) poke() {
	s.stale = true
	signal(s.wake)
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends; then the sends in hand have a moment to end, and
// what they could not finish stays pending.
func (s *Sender) Run(ctx context.Context) error {
	if err := s.rescueFirst(ctx, s.o.Now()); err != nil {
		return err
	}

	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer s.wg.Wait()
	for {
		next, err := s.step(ctx, sending, s.o.Now)
		if err != nil && ctx.Err() == nil {
			s.o.Log.Error("the outbox cannot be read", "err", err)
			next = s.o.Now().Add(time.Second)
		}
		timer := time.NewTimer(max(0, next.Sub(s.o.Now())))
		select {
		case <-ctx.Done():
			timer.Stop()
			s.stop(cancel)
			return nil
		case <-s.wake:
		case <-s.done:
		case <-timer.C:
			s.mu.Lock()
			s.stale = true
			s.mu.Unlock()
		}
		timer.Stop()
	}
}

// stop gives the sends in hand their grace, then cancels them.
func (s *Sender) stop(cancel context.CancelFunc) {
	timer := time.AfterFunc(s.o.Grace, cancel)
	defer timer.Stop()
	s.wg.Wait()
}

// Work sends what is due at now and waits for the outcome; what fails is left
// for a later try. It says how many tries were made.
func (s *Sender) Work(ctx context.Context, now time.Time) (int, error) {
	clock := func() time.Time { return now }
	if err := s.rescueFirst(ctx, now); err != nil {
		return 0, err
	}
	first := s.tries()
	for quiet := false; !quiet; {
		before := s.tries()
		fresh := s.isFresh()
		if _, err := s.step(ctx, ctx, clock); err != nil {
			s.wg.Wait()
			return s.tries() - first, err
		}
		s.wg.Wait()
		if s.tries() == before {
			quiet = !fresh // it looked again and found nothing
			s.setStale()
		}
	}
	return s.tries() - first, ctx.Err()
}

// isFresh says that the next step works what it has, without another look.
func (s *Sender) isFresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stale
}

func (s *Sender) tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, l := range s.lanes {
		n += l.started
	}
	return n
}

// step starts what may be sent and says when to look again.
func (s *Sender) step(ctx, sending context.Context, clock func() time.Time) (time.Time, error) {
	now := clock()
	if err := s.chores(ctx, now); err != nil {
		return now, err
	}
	if s.isStale() {
		if err := s.refill(ctx, now); err != nil {
			return now, err
		}
	}
	s.mu.Lock()
	next := s.tickAt
	if next.IsZero() || next.After(now.Add(s.o.Idle)) {
		next = now.Add(s.o.Idle)
	}
	if s.rescueAt.Before(next) {
		next = s.rescueAt
	}
	short := false
	for _, l := range s.lanes {
		for len(l.queue) > 0 {
			wait, ok := l.ready(now)
			if !ok {
				if wait.After(now) && wait.Before(next) {
					next = wait
				}
				break
			}
			d := l.queue[0]
			l.queue = l.queue[1:]
			l.start(d)
			r := l.Receiver // a reload may replace it
			s.wg.Go(func() { s.work(sending, l, r, d, clock) })
		}
		if len(l.queue) == 0 && l.more {
			l.more, short = false, true
		}
	}
	if short {
		s.poke()
	}
	if !s.dueAt.IsZero() && s.dueAt.Before(next) {
		next = s.dueAt
	}
	s.mu.Unlock()
	return next, nil
}

// dueBy notes that something falls due at an instant.
func (s *Sender) dueBy(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dueAt.IsZero() || at.Before(s.dueAt) {
		s.dueAt = at
	}
}

func (s *Sender) isStale() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	stale := s.stale
	s.stale = false
	return stale
}

func (s *Sender) setStale() {
	s.mu.Lock()
	s.stale = true
	s.mu.Unlock()
}
