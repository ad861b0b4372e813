// One node of hashicorp/memberlist, told as lines on stdout, for bench/nodes.py:
//
//	UNIX_NS join|leave NAME    what its list learned; leave is also what it calls a failure
//	UNIX_NS sent BYTES         once a second: datagrams and streams since the start, payload alone
//
// It throws away the fraction --drop of the datagrams that it receives. It ends when stdin does.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

var sent atomic.Int64

func tell(format string, values ...any) {
	fmt.Printf("%d "+format+"\n", append([]any{time.Now().UnixNano()}, values...)...)
}

type counted struct{ net.Conn }

func (c counted) Write(bytes []byte) (int, error) {
	n, err := c.Conn.Write(bytes)
	sent.Add(int64(n))
	return n, err
}

// The usual transport, but that it counts what is sent and loses what is received.
type lossy struct {
	*memberlist.NetTransport
	packets chan *memberlist.Packet
	streams chan net.Conn
}

func newLossy(port int, drop float64) (*lossy, error) {
	inner, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{BindAddrs: []string{"127.0.0.1"}, BindPort: port})
	if err != nil {
		return nil, err
	}
	t := &lossy{inner, make(chan *memberlist.Packet), make(chan net.Conn)}
	go func() {
		for packet := range inner.PacketCh() {
			if rand.Float64() >= drop {
				t.packets <- packet
			}
		}
	}()
	go func() {
		for stream := range inner.StreamCh() {
			t.streams <- counted{stream}
		}
	}()
	return t, nil
}

func (t *lossy) PacketCh() <-chan *memberlist.Packet { return t.packets }
func (t *lossy) StreamCh() <-chan net.Conn           { return t.streams }

func (t *lossy) WriteToAddress(bytes []byte, to memberlist.Address) (time.Time, error) {
	sent.Add(int64(len(bytes)))
	return t.NetTransport.WriteToAddress(bytes, to)
}

func (t *lossy) DialAddressTimeout(to memberlist.Address, limit time.Duration) (net.Conn, error) {
	conn, err := t.NetTransport.DialAddressTimeout(to, limit)
	if err != nil {
		return nil, err
	}
	return counted{conn}, nil
}

type teller struct{}

func (teller) NotifyJoin(node *memberlist.Node)   { tell("join %s", node.Name) }
func (teller) NotifyLeave(node *memberlist.Node)  { tell("leave %s", node.Name) }
func (teller) NotifyUpdate(node *memberlist.Node) {}

func configOf(how string) *memberlist.Config {
	config := memberlist.DefaultLocalConfig()
	if how == "fast" {
		config.ProbeInterval, config.ProbeTimeout = 250*time.Millisecond, 75*time.Millisecond
	}
	return config
}

func main() {
	name := flag.String("name", "n1", "")
	port := flag.Int("port", 7001, "")
	join := flag.String("join", "", "address of a member")
	how := flag.String("config", "local", "its defaults for one machine; fast: with our times")
	drop := flag.Float64("drop", 0, "fraction")
	flag.Parse()
	config := configOf(*how)
	transport, err := newLossy(*port, *drop)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	config.Name, config.Transport, config.Events, config.LogOutput = *name, transport, teller{}, io.Discard
	config.BindAddr, config.BindPort, config.AdvertiseAddr, config.AdvertisePort = "127.0.0.1", *port, "127.0.0.1", *port
	list, err := memberlist.Create(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for *join != "" {
		if _, err := list.Join([]string{*join}); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	go func() {
		for range time.Tick(time.Second) {
			tell("sent %d", sent.Load())
		}
	}()
	io.Copy(io.Discard, os.Stdin)
}
