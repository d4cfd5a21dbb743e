import type { SandboxImages } from '../../scripts/sandbox/images.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `inject('images')` in a test: what the global setup made sure of. */
    images: SandboxImages;
  }
}
