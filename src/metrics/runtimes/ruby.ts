import type { Runtime } from './runtime.ts';

/** prometheus_exporter's process collector; client_ruby exports nothing of the process. */
export const rubyRuntime: Runtime = {
  name: 'Ruby',
  sources: ['https://github.com/discourse/prometheus_exporter (lib/prometheus_exporter/server/process_collector.rb)'],
  families: /^ruby_(?!http|sidekiq|delayed_job)/,
  signs: [{ sign: 'memory', metrics: ['ruby_rss'], sum: true }],
};
