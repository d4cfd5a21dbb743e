import { randomBytes } from 'node:crypto';
import type { Engine } from '../docker/engine.ts';
import { type Endpoint, interpret, MAX_PROBE_BYTES, noShell, type ProbeAnswer, requestFor } from './probe-exchange.ts';

/**
 * `nc`, not `wget`: it gives the whole answer, headers too. Its input is a fifo that its shell holds open, because a
 * half-closed connection makes some servers hang up before they answer. One process for an endpoint; what is too long
 * ends at the file size limit, whose signal is ignored as it would dump core. Every process is waited for by this shell:
 * Prometheus, which is process 1 there, would leave an orphan as a zombie, so busybox's `timeout` is no way.
 * Arguments, never text spliced into the script.
 */
const SCRIPT = `
mark=$1; seconds=$2; bytes=$3; shift 3
d=$(mktemp -d /tmp/probe.XXXXXX 2>/dev/null || mktemp -d /dev/shm/probe.XXXXXX 2>/dev/null || mktemp -d /prometheus/.probe.XXXXXX) || exit 1
trap 'rm -rf "$d"' EXIT
trap '' XFSZ
n=0; fifos=; pids=
while [ $n -lt $(($# / 3)) ]; do fifos="$fifos $d/$n.in"; n=$((n + 1)); done
mkfifo $fifos || exit 1
printf '\\n%s out\\n' "$mark" >"$d/mid"
n=0
while [ $# -ge 3 ]; do
  (
    ulimit -f $((bytes / 512))
    exec 3<>"$d/$n.in"
    printf '%s' "$3" >&3
    exec nc "$1" "$2" <&3 >"$d/$n.out" 2>"$d/$n.err"
  ) &
  pids="$pids $!"; n=$((n + 1)); shift 3
done
(
  trap 'kill $! 2>/dev/null; wait; exit' TERM
  sleep "$seconds" & wait $!
  kill $pids 2>/dev/null
) >/dev/null 2>&1 &
watch=$!
set --; n=0
for pid in $pids; do
  wait $pid
  printf '\\n%s code %s\\n' "$mark" $? >"$d/$n.code"
  set -- "$@" "$d/$n.code" "$d/$n.err" "$d/mid" "$d/$n.out"; n=$((n + 1))
done
kill $watch 2>/dev/null; wait $watch
cat "$@"
printf '\\n%s end' "$mark"
`;

/** Asks a batch of endpoints in plain HTTP, all at once, by one command. */
export const askPlain = async (
  engine: Engine,
  container: string,
  endpoints: readonly Endpoint[],
  seconds: number,
): Promise<ProbeAnswer[]> => {
  const mark = randomBytes(12).toString('hex');
  const args = endpoints.flatMap((e) => {
    const at = e.address.lastIndexOf(':');
    return [e.address.slice(0, at).replace(/^\[|\]$/g, ''), e.address.slice(at + 1), requestFor(e)];
  });
  const command = ['sh', '-c', SCRIPT, 'probe', mark, `${seconds}`, `${MAX_PROBE_BYTES}`, ...args];
  const result = await engine.exec(container, command, { timeoutMs: 60_000, binary: true });
  if (!result.stdout.includes(`${mark} end`)) throw noShell(container, result.stderr || result.stdout);
  const sections = result.stdout
    .slice(0, result.stdout.lastIndexOf(`\n${mark} end`))
    .split(`\n${mark} code `)
    .slice(1);
  return endpoints.map((endpoint, n) => answerOf(endpoint, sections[n] ?? '', mark));
};

const answerOf = (endpoint: Endpoint, section: string, mark: string): ProbeAnswer => {
  const split = section.indexOf(`\n${mark} out\n`);
  const [code = '', ...errorLines] = section.slice(0, split).split('\n');
  const raw = section.slice(split + mark.length + 6);
  return interpret(endpoint, raw, Number(code.trim()), errorLines.join(' ').trim());
};
