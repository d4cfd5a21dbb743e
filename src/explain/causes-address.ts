import { shellWord } from '../config/words.ts';
import type { Rule } from './rule.ts';

/** The address that is scraped is not that of the container: whatever was heard there says nothing about it. Pure. */
export const byAddress: Rule = ({ moved, container, origin, instance }) => {
  if (moved === undefined) return undefined;
  const { name, scraped, now, holder } = moved;
  const isRead = origin === 'exporter';
  const others = `${isRead ? 'its exporter reads' : 'Prometheus scrapes'} ${now === undefined ? 'its last address ' : ''}${scraped}, ${holder === undefined ? 'which no container has' : `which container ${holder} has now`}`;
  if (now !== undefined) {
    return {
      code: 'address-moved',
      cause: `container ${name} is reached at ${now} now, and ${others}`,
      remedy: `\`monitor up\` ${isRead ? 'tells its exporter' : 'writes'} the new address; \`monitor watch\` does so as soon as it changes`,
    };
  }
  if (holder === undefined && (container !== undefined || origin === 'detected')) return undefined;
  const isGone = container === undefined;
  return {
    code: isGone ? 'container-gone' : 'address-moved',
    cause: `container ${name} ${isGone ? 'is gone' : 'does not run'}, and ${others}`,
    remedy:
      origin === 'detected'
        ? `\`monitor up\` removes the target; with ${name} running again, it writes the new address`
        : `start ${name}, then run \`monitor up\`${isRead ? '' : `; or remove the target: \`monitor remove-target ${shellWord(instance)}\``}`,
  };
};
