import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';

type SshProcess = ChildProcessByStdio<Writable, Readable, Readable>;

const STDERR_LIMIT = 4096;

/**
 * A connection to the engine behind `ssh://user@host:port`, made as the docker command makes it (docker/cli,
 * cli/connhelper): the system's ssh, with the user's own configuration, keys and known hosts, runs
 * `docker system dial-stdio` over there.
 */
export function dialSsh(url: URL): Duplex {
  const child = spawn('ssh', sshArguments(url), { stdio: ['pipe', 'pipe', 'pipe'] });
  const connection = new Duplex({
    read: () => void child.stdout.resume(),
    // A write to a process that has ended fails; the end of the process is told below, with its words.
    write: (chunk, encoding, done) => void child.stdin.write(chunk, encoding, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      // What runs over there ends with its stdin, and ssh with the signal.
      child.stdin.destroy();
      child.kill();
      done(error);
    },
  });
  child.stdout.on('data', (chunk) => {
    if (!connection.push(chunk)) child.stdout.pause();
  });
  child.stdin.on('error', () => {});
  endWith(child, connection, url);
  // What an http.Agent calls on a net.Socket that it keeps. The engine's close() ends the process.
  const keep = { setKeepAlive: () => keep, setTimeout: () => keep, ref: () => keep, unref: () => keep };
  return Object.assign(connection, keep);
}

/** After `--` a host that begins with a dash is not taken for an option. */
export function sshArguments(url: URL): string[] {
  const socket = url.pathname.length > 1 ? ['--host', `unix://${url.pathname}`] : [];
  return [
    ...['-o', 'ConnectTimeout=30', '-T'],
    ...(url.username ? ['-l', decodeURIComponent(url.username)] : []),
    ...(url.port ? ['-p', url.port] : []),
    ...['--', url.hostname, 'docker', ...socket, 'system', 'dial-stdio'],
  ];
}

/** Ends the connection when the process ends, with ssh's own words where it failed. */
function endWith(child: SshProcess, connection: Duplex, url: URL): void {
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-STDERR_LIMIT);
  });
  child.on('error', (error) => connection.destroy(new Error(`cannot run ssh: ${error.message}`)));
  child.on('close', (code) => {
    if (connection.destroyed) return;
    if (code === 0) connection.push(null);
    else connection.destroy(connectionLost(`ssh to ${url.hostname} ended: ${stderr.trim() || `exit code ${code}`}`));
  });
}

const connectionLost = (message: string): Error => Object.assign(new Error(message), { code: 'ECONNRESET' });
