import { randomBytes } from 'node:crypto';
import { type Engine, EngineError } from '../docker/engine.ts';
import { type Heard, hostAndPort, MAX_PROBE_BYTES, noShell, type Question } from './probe-exchange.ts';

/**
 * `nc`, not `wget`: it gives the whole answer, headers too. Its input is a fifo that its shell holds open, because a
 * half-closed connection makes some servers hang up before they answer. One process for an endpoint; what is too long
 * ends at the file size limit, whose signal is ignored as it would dump core. Every process is waited for by this shell:
 * Prometheus, which is process 1 there, would leave an orphan as a zombie, so busybox's `timeout` cannot be used.
 * Arguments, never text spliced into the script. How long each answer took is in the times of its files: the fifo's is
 * that of the request, the output's that of the last byte.
 */
const SCRIPT = `
mark=$1; seconds=$2; bytes=$3; shift 3
d=$(mktemp -d /tmp/probe.XXXXXX 2>/dev/null || mktemp -d /dev/shm/probe.XXXXXX 2>/dev/null || mktemp -d /prometheus/.probe.XXXXXX) || exit 1
trap 'rm -rf "$d"' EXIT
trap '' XFSZ
n=0; fifos=; pids=; times=
while [ $n -lt $(($# / 3)) ]; do fifos="$fifos $d/$n.in"; n=$((n + 1)); done
mkfifo $fifos || exit 1
printf '\\n%s out\\n' "$mark" >"$d/mid"
n=0
while [ $# -ge 3 ]; do
  (
    ulimit -f $((bytes / 512))
    exec 3<>"$d/$n.in"
    printf '%b' "$3" >&3
    exec nc "$1" "$2" <&3 >"$d/$n.out" 2>"$d/$n.err"
  ) &
  pids="$pids $!"; times="$times $d/$n.in $d/$n.out"; n=$((n + 1)); shift 3
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
stat -c %y $times 2>/dev/null
cat "$@"
printf '\\n%s end' "$mark"
`;

/** Asks a batch of questions over plain TCP, all at once, by one command. */
export const askPlain = async (
  engine: Engine,
  container: string,
  questions: readonly Question[],
  seconds: number,
): Promise<Heard[]> => {
  const mark = randomBytes(12).toString('hex');
  const args = questions.flatMap(({ endpoint, request }) => [...hostAndPort(endpoint.address), printable(request)]);
  const command = ['sh', '-c', SCRIPT, 'probe', mark, `${seconds}`, `${MAX_PROBE_BYTES}`, ...args];
  const result = await engine.exec(container, command, { timeoutMs: 60_000, binary: true });
  if (!result.stdout.includes(`${mark} end`)) {
    // By a signal: with its container, which `down` or a user has removed.
    if (result.exitCode > 128)
      throw new EngineError(404, 'the temporary container that it asks from was removed', {}, 'asking for metrics');
    throw noShell(container, result.stderr || result.stdout);
  }
  const [times = '', ...sections] = result.stdout
    .slice(0, result.stdout.lastIndexOf(`\n${mark} end`))
    .split(`\n${mark} code `);
  const took = secondsIn(times);
  return questions.map((_, n) => ({ ...heardIn(sections[n] ?? '', mark), seconds: took[n] }));
};

/** Two times for each question, as `stat` writes them: `2026-01-02 03:04:05.678901234 +0000`. None where there is no `stat`. */
const secondsIn = (text: string): (number | undefined)[] => {
  const times = [...text.matchAll(/^(\S+) ([\d:]+\.\d{3})\d* /gm)].map(([, day, time]) =>
    Date.parse(`${day}T${time}Z`),
  );
  return times.flatMap((asked, n) => {
    const answered = times[n + 1];
    return n % 2 === 0 && answered !== undefined ? [Math.max(0, answered - asked) / 1000] : [];
  });
};

/** For `printf '%b'`: an argument cannot hold a NUL byte, and what looks like an escape is none. */
const printable = (request: string): string => request.replaceAll('\\', '\\\\').replaceAll('\0', '\\0000');

const heardIn = (section: string, mark: string): Heard => {
  const split = section.indexOf(`\n${mark} out\n`);
  const [code = '', ...errorLines] = section.slice(0, split).split('\n');
  const bytes = Buffer.from(section.slice(split + mark.length + 6), 'latin1');
  return { bytes, code: Number(code.trim()), words: errorLines.join(' ').trim() };
};
