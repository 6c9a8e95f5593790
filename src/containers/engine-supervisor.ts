/**
 * Script of the process that owns a private container engine; values are positional arguments, never part of its text.
 * It outlives the process that started it by just as long as the cleaning takes: its standard input
 * is a pipe whose other end that process holds, and the end of that pipe (stop, exit, kill -9) ends the engine.
 *
 *   starter ──pipe──▶ supervisor ──▶ unshare ──▶ sh (PID 1 of a namespace) ──▶ dockerd ──▶ containerd, containers
 *
 * - PID namespace: the death of its first process ends all of them, however they have detached themselves.
 * - Mount namespace: all mounts vanish with the last process. In it /run holds no trace of another Docker or
 *   containerd, and /run/docker.sock is the private daemon.
 * - Network namespace: the machine's, because build commands reach published ports at 127.0.0.1. So the bridge and the
 *   firewall rules are made here and removed here. dockerd itself must not touch the firewall: at its start it removes
 *   the chains of any other dockerd.
 * - What a supervisor that was itself killed has left is found by the bridge's name, its alias (the directory) and the
 *   lock in the directory, and removed by the next one.
 *
 * Arguments: directory, bridge, its address with prefix, its MAC, the address block, `docker` or `podman`. Without an address
 * block dockerd has no network but the machine's: the bridge then only leads whoever sweeps to the directory.
 * The first process of the namespace is `namespace.sh` in the directory, with directory, bridge and block.
 */
export const engineSupervisor = `
directory=$1 bridge=$2 address=$3 mac=$4 block=$5 kind=$6
engine= asked=

firewall() {
  command -v iptables-restore >/dev/null || return 0
  iptables-restore --noflush --wait 10 <<RULES
*nat
-$1 POSTROUTING -s $3 ! -d $3 -m comment --comment $2 -j MASQUERADE
COMMIT
*filter
-$1 FORWARD -s $3 -m comment --comment $2 -j ACCEPT
-$1 FORWARD -d $3 -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment $2 -j ACCEPT
COMMIT
RULES
}

# What has to be put back when the last engine is gone: words behind the directory in the bridge's alias.
note_duties() {
  duties=
  if command -v iptables-save >/dev/null; then
    iptables-save >"$directory/rules"
    for table in nat filter; do
      grep -q "^[*]$table" "$directory/rules" || duties="$duties $table"
    done
  fi
  read -r forwarding </proc/sys/net/ipv4/ip_forward
  [ "$forwarding" = 1 ] || duties="$duties forwarding"
  echo "$directory$duties" >"/sys/class/net/$bridge/ifalias"
}

# An engine that is not the last one hands its duties on.
do_duties() { # bridge duties
  for other in /sys/class/net/chubo*; do
    if [ -e "$other/bridge" ] && [ "$other" != "/sys/class/net/$1" ]; then
      read -r heir <"$other/ifalias" && echo "$heir $2" >"$other/ifalias" && return 0
    fi
  done
  for duty in $2; do
    case $duty in
      # nf_tables makes a table with its first rule; it goes only where nobody else has put anything in it.
      nat | filter) iptables-save -t $duty | grep -qE '^-A|^:[^ ]+ (-|DROP)' || nft delete table ip $duty ;;
      forwarding) echo 0 >/proc/sys/net/ipv4/ip_forward ;;
    esac
  done 2>/dev/null
}

# Bridges of \`docker network create\`: by the daemon's own record, and by address where it had none yet.
remove_bridges() { # directory bridge block
  [ -n "$3" ] || return 0
  {
    grep -ao '"BridgeName":"[^"]*"' "$1/data/network/files/local-kv.db" 2>/dev/null | cut -d'"' -f4
    ip -o -4 address show to "$3" 2>/dev/null | awk '{print $2}'
  } | sort -u | while read -r name; do
    [ -z "$name" ] || [ "$name" = "$2" ] || grep -qxF "$name" "$1/links" || remove_bridge "$name"
  done
}

# A daemon that is killed while it connects a container leaves both ends of the cable here.
remove_bridge() {
  for member in /sys/class/net/$1/brif/*; do
    [ ! -e "$member" ] || ip link del "\${member##*/}"
  done
  ip link del "$1" 2>/dev/null
}

# All hierarchies at once; a process of the engine may still be on its way out.
remove_cgroups() { # bridge
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    set -- "$1"
    for parent in /sys/fs/cgroup/$1 /sys/fs/cgroup/*/$1; do
      [ ! -d "$parent" ] || set -- "$@" "$parent"
    done
    [ $# -gt 1 ] || return 0
    shift
    find "$@" -depth -type d -exec rmdir {} + 2>/dev/null
    set -- "\${1##*/}"
    [ $attempt = 1 ] || sleep 0.05
  done
}

remove() { # directory bridge block
  remove_bridges "$1" "$2" "$3"
  # Most of the time is the files' and the network's; the directory itself names what is left, and goes last.
  rm -rf "$1/data" "$1/exec" &
  files=$!
  [ -z "$3" ] || firewall D "$2" "$3" 2>/dev/null
  if [ -e "/sys/class/net/$2" ]; then
    read -r _ duties <"/sys/class/net/$2/ifalias"
    [ -z "$duties" ] || do_duties "$2" "$duties"
  fi
  remove_cgroups "$2"
  remove_bridge "$2"
  wait $files
  rm -rf "$1"
}

sweep() {
  for link in /sys/class/net/chubo*; do
    [ -d "$link/bridge" ] || continue
    read -r left _ <"$link/ifalias" || continue
    [ -f "$left/lock" ] && [ -f "$left/block" ] || continue
    flock --nonblock "$left/lock" true || continue
    read -r left_block <"$left/block"
    remove "$left" "\${link##*/}" "$left_block"
  done
}

make_network() {
  ls /sys/class/net >"$directory/links"
  echo "$block" >"$directory/block"
  ip link add "$bridge" address "$mac" type bridge || return 1
  [ -n "$block" ] || { echo "$directory" >"/sys/class/net/$bridge/ifalias"; return 0; }
  note_duties
  ip address add "$address" dev "$bridge" && ip link set "$bridge" up || return 1
  firewall I "$bridge" "$block"
  [ "$forwarding" = 1 ] || echo 1 >/proc/sys/net/ipv4/ip_forward
  return 0
}

# Ends the namespace by its first process: unshare then waits until the last one is gone.
end_engine() {
  asked=1
  [ -n "$engine" ] || return 0
  read -r first _ 2>/dev/null <"/proc/$engine/task/$engine/children"
  kill -KILL "\${first:-$engine}" 2>/dev/null
}

umask 077
exec 9>"$directory/lock" 3<&0 4>&1 </dev/null >"$directory/log" 2>&1
flock 9
sweep
trap end_engine HUP INT TERM
# Dockerd is large, and the network takes as long.
[ "$kind" = podman ] || { grep -qF deprecated-key-path "$(command -v dockerd)" && : >"$directory/has-key-path"; } 3<&- 4>&- 9>&- &
looking=$!
if [ "$kind" = podman ] || make_network; then
  wait $looking
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc --propagation slave \\
    sh "$directory/namespace.sh" "$directory" "$bridge" "$block" 3<&- 4>&- 9>&- &
  engine=$!
  echo $engine >"$directory/unshare-pid"
  { while read -r _; do :; done <&3; kill -TERM $$; } 4>&- 9>&- &
  watcher=$!
  [ -z "$asked" ] || end_engine
  while kill -0 $engine 2>/dev/null; do wait $engine; done
  trap '' HUP INT TERM
  kill $watcher 2>/dev/null
fi
# The starter hears why an engine ended that nobody has asked to end.
[ -n "$asked" ] || tail -n 12 "$directory/log" >&4 2>/dev/null
remove "$directory" "$bridge" "$block"
`;

/**
 * Makes a directory of this namespace private: what other engines keep in it is hidden, the rest are links to the
 * machine's own. Nothing of it is seen outside.
 */
const shadowDirectory = `
shadow() { # directory, its name below ours
  mkdir -p "$directory/$2" "$directory/host-$2"
  chmod 755 "$directory/$2"
  mount --rbind "$1" "$directory/host-$2" || exit 1
  shadowed=$1 name=$2
  set --
  for entry in "$directory/host-$name"/*; do
    case "\${entry##*/}" in
      docker | docker.* | containerd | containers | libpod | crun | runc) ;;
      *) set -- "$@" "$entry" ;;
    esac
  done
  ln -s "$@" "$directory/$name/"
  mount --rbind "$directory/$name" "$shadowed" || exit 1
}
`;

/**
 * Gives this namespace a root of its own, in which a directory stands at a path that the machine need not have: all else
 * in it is the machine's own.
 */
const shareDirectory = `
share() { # directory, its path here
  root=$directory/root top=\${2#/}
  mkdir "$root" && mount -t tmpfs -o mode=755 tmpfs "$root" || exit 1
  for entry in /*; do
    [ "$entry" != "/\${top%%/*}" ] || continue
    if [ -L "$entry" ]; then
      cp -P "$entry" "$root/"
    elif [ -d "$entry" ]; then
      mkdir "$root$entry" && mount --rbind "$entry" "$root$entry"
    else
      : >"$root$entry" && mount --bind "$entry" "$root$entry"
    fi || exit 1
  done
  mkdir -p "$root$2" "$root/.old" && mount --bind "$1" "$root$2" || exit 1
  cd "$root" && pivot_root . .old && cd / && umount -l /.old && rmdir /.old || exit 1
}
`;

/**
 * First process of dockerd's namespace: keeps the daemon as its child and reaps orphans.
 * `deprecated-key-path` is a word of those versions that would otherwise write /etc/docker/key.json.
 */
export const dockerNamespace = `
directory=$1 bridge=$2 block=$3
${shadowDirectory}
${shareDirectory}
shadow /run run
if [ -e "$directory/shared" ]; then
  { read -r source && read -r target; } <"$directory/shared"
  share "$source" "$target"
fi
key=
[ -e "$directory/has-key-path" ] && key="\\"deprecated-key-path\\":\\"$directory/key.json\\""
echo "{$key}" >"$directory/daemon.json"
umask 022
network=$bridge
[ -n "$block" ] || network=none
dockerd --config-file "$directory/daemon.json" --host "unix://$directory/docker.sock" --host unix:///run/docker.sock \\
  --data-root "$directory/data" --exec-root "$directory/exec" --pidfile "$directory/pid" \\
  --bridge "$network" --iptables=false --ip6tables=false --ip-forward=false \\
  \${block:+--default-address-pool "base=$block,size=24"} \\
  --cgroup-parent "/$bridge" --exec-opt native.cgroupdriver=cgroupfs &
wait $!
`;

/**
 * First process of podman's namespace, in which each podman command runs. crun refuses the mixed cgroup hierarchy, so
 * its second part is hidden.
 */
export const podmanNamespace = `
directory=$1
${shadowDirectory}
shadow /run run
shadow /var/lib lib
! mountpoint -q /sys/fs/cgroup/unified || umount -l /sys/fs/cgroup/unified
mkdir -p "$directory/tmp"
: >"$directory/ready"
while :; do
  sleep 86400 &
  wait $!
done
`;
