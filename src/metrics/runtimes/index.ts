import { dotnet } from './dotnet.ts';
import { go } from './go.ts';
import { jvm } from './jvm.ts';
import { node } from './node.ts';
import { processMetrics } from './processes.ts';
import { python } from './python.ts';
import { rubyRuntime } from './ruby.ts';
import type { Runtime } from './runtime.ts';

export const RUNTIMES: readonly Runtime[] = [processMetrics, go, node, jvm, python, dotnet, rubyRuntime];
