import { getEventListeners } from 'node:events';
import { Turns } from './turns';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Asks for a turn, and logs its name when it has one. */
function ask(turns: Turns, log: string[], name: string, signal?: AbortSignal): Promise<void> {
  return turns.take(signal).then(
    () => void log.push(name),
    (reason: unknown) => void log.push(`${name}: ${String(reason)}`),
  );
}

describe('Turns', () => {
  it('lets as many work at once as it is told', async () => {
    const turns = new Turns(2);
    expect(turns.isFree).toBe(true);
    await turns.take();
    expect(turns.isFree).toBe(true);
    await turns.take();
    expect(turns.isFree).toBe(false);
    turns.give();
    expect(turns.isFree).toBe(true);
    turns.give();
    await turns.take();
    expect(turns.isFree).toBe(true);
    await turns.take();
    expect(turns.isFree).toBe(false);
  });

  it('gives a turn to who has waited longest, and to nobody else', async () => {
    const [turns, log] = [new Turns(1), [] as string[]];
    for (const name of ['a', 'b', 'c']) void ask(turns, log, name);
    await turn();
    expect(log).toEqual(['a']);
    turns.give();
    await turn();
    expect(log).toEqual(['a', 'b']);
    expect(turns.isFree).toBe(false);
    turns.give();
    await turn();
    expect(log).toEqual(['a', 'b', 'c']);
    turns.give();
    expect(turns.isFree).toBe(true);
  });

  it('refuses who comes with a signal that is aborted, and takes no turn for that', async () => {
    const turns = new Turns(1);
    const reason = new Error('the client has left');
    await expect(turns.take(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(turns.isFree).toBe(true);
  });

  it('lets go of who waits, at the signal, and gives the turn to the next one', async () => {
    const [turns, log] = [new Turns(1), [] as string[]];
    await turns.take();
    const stop = new AbortController();
    void ask(turns, log, 'a', stop.signal);
    void ask(turns, log, 'b', new AbortController().signal);
    stop.abort('the client has left');
    await turn();
    expect(log).toEqual(['a: the client has left']);
    turns.give();
    await turn();
    expect(log).toEqual(['a: the client has left', 'b']);
    turns.give();
    expect(turns.isFree).toBe(true);
  });

  it('leaves nothing at the signal of who has a turn', async () => {
    const turns = new Turns(1);
    const { signal } = new AbortController();
    await turns.take(signal);
    const second = turns.take(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    turns.give();
    await second;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
