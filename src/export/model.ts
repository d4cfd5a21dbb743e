/** Something of the stack that is not the same after an export, and what to do about it. */
export interface Finding {
  /** Stable, kebab-case: `this-machine`, `no-service`, `file`, ... */
  code: string;
  /** What it is about: an address, a job, a container. */
  subject: string;
  message: string;
  remedy: string;
}

export interface ExportFile {
  /** Below the export's folder, with `/` between folders. */
  path: string;
  text: string;
  /** Permission bits; default: as the umask has it. */
  mode?: number;
  /** The same of its folder, where that is made. */
  folderMode?: number;
}

/** The first line of what may be replaced by the next export. */
export const HEADER = '# Exported by monitor from monitor.yml.\n';

/** Of a file with a secret in it. */
export const PRIVATE = 0o600;
