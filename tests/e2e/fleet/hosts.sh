# Sourced: machines as network namespaces, hosts_up N … hosts_down: n1 is 10.77.0.11, who submits (on_submit
# COMMAND…) 10.77.0.1, on one bridge. No port and no address of this machine is used. nsenter, not ip netns
# exec: what runs there keeps this machine's /sys.
hosts_up() {
	local i
	hosts_n=$1 hosts_net=bpftoll$$
	ip netns add "$hosts_net"
	ip -n "$hosts_net" link add name sw0 type bridge
	ip -n "$hosts_net" addr add 10.77.0.1/24 dev sw0
	ip -n "$hosts_net" link set sw0 up
	ip -n "$hosts_net" link set lo up
	for i in $(seq "$hosts_n"); do
		ip netns add "$hosts_net.$i"
		ip -n "$hosts_net" link add "v$i" type veth peer name e netns "$hosts_net.$i"
		ip -n "$hosts_net" link set "v$i" master sw0 up
		ip -n "$hosts_net.$i" addr add "10.77.0.$((10 + i))/24" dev e
		ip -n "$hosts_net.$i" link set e up
		ip -n "$hosts_net.$i" link set lo up
	done
}
on_submit() { nsenter --net=/run/netns/"$hosts_net" "$@"; }
on_host() { local i=$1; shift; nsenter --net=/run/netns/"$hosts_net.$i" "$@"; }
# A machine's power is cut: all that runs on it, all at once.
host_cut() { ip netns pids "$hosts_net.$1" | xargs -r kill -9 2>/dev/null; }
# host_line I up|down: its cable
host_line() { ip -n "$hosts_net" link set "v$1" "$2"; }
hosts_down() {
	local net
	[ -n "${hosts_net-}" ] || return 0
	for net in "$hosts_net" $(seq -f "$hosts_net.%g" "$hosts_n"); do
		ip netns pids "$net" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$net" 2>/dev/null
	done
}
# until_true SECONDS COMMAND…: asks again until it is so
until_true() {
	local end=$((SECONDS + $1)); shift
	until "$@"; do [ "$SECONDS" -lt "$end" ] || return 1; sleep 0.1; done
}
