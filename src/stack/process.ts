import { readFileSync } from 'node:fs';
import { codeOf } from '../errors.ts';

/** This process, so that another one can tell whether it still runs: `<pid> <start>`. */
export const ownProcess = (): string => `${process.pid} ${startOf(process.pid)}`;

/** Whether the process that `ownProcess` named still runs; another one that has its number by now is not it. */
export const isRunning = (named: string): boolean => {
  const [written = '', start] = named.trim().split(' ');
  const pid = Number.parseInt(written, 10);
  return pid > 0 && isAlive(pid) && (start === undefined || start === startOf(pid));
};

/** When a process started, in clock ticks since the machine did (proc(5), /proc/PID/stat, field 22); `-` where there is no /proc. */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, in which anything may stand.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};
