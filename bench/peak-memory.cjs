// Loaded into a Node process before its program: at the end it writes the process's peak memory, in KiB, to the file
// that PEAK_MEMORY_FILE names. Linux counts into maxRSS what the process had before its exec, which is the memory of
// the one that started it; VmHWM counts from the exec on.
const { readFileSync, writeFileSync } = require('node:fs');

const peak = () => {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
};

process.on('exit', () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(peak())));
