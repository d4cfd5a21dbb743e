/** A file of an export. */
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
