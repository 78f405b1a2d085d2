import { EventEmitter } from 'node:events';
import { watchClient } from './client-watch';

/** A response over HTTP/2, of which as many bytes wait for the client as the test says. */
class FakeResponse extends EventEmitter {
  readonly req = { httpVersionMajor: 2 };
  readonly stream = Object.assign(new EventEmitter(), {
    writableLength: 1,
    destroyed: false,
    session: { socket: {} },
  });
}

describe('watchClient', () => {
  let response: FakeResponse;
  const onIdle = jest.fn();
  beforeEach(() => {
    jest.useFakeTimers();
    response = new FakeResponse();
    onIdle.mockClear();
  });
  afterEach(() => jest.useRealTimers());

  const watch = (seconds: number) => watchClient(response as never, seconds, onIdle);
  const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

  it.each([
    // The first check sees what there is, and each later one that it is still the same.
    [900, 10],
    [60, 10],
    [40, 10],
    [1, 0.25],
  ])(
    'finds a client idle that takes nothing for %i seconds, and not sooner',
    async (seconds, pause) => {
      watch(seconds);
      await pass(seconds + pause - 0.01);
      expect(onIdle).not.toHaveBeenCalled();
      await pass(0.01);
      expect(onIdle).toHaveBeenCalledTimes(1);
      await pass(10 * seconds);
      expect(onIdle).toHaveBeenCalledTimes(1);
    },
  );

  it.each<[string, () => unknown]>([
    ['takes a byte', () => (response.stream.writableLength += 1)],
    ['drains what waits', () => response.stream.emit('drain')],
  ])('begins anew whenever the client %s', async (_, take) => {
    watch(900);
    for (let time = 0; time < 10; time++) {
      await pass(890);
      take();
    }
    expect(onIdle).not.toHaveBeenCalled();
    await pass(910);
    expect(onIdle).toHaveBeenCalledTimes(1);
  });

  it('does not blame a client for whom nothing waits', async () => {
    response.stream.writableLength = 0;
    watch(1);
    await pass(100);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('ends with the response', async () => {
    watch(1);
    await pass(0.5);
    response.emit('close');
    await pass(100);
    expect(onIdle).not.toHaveBeenCalled();
    expect([jest.getTimerCount(), response.listenerCount('close')]).toEqual([0, 0]);
    expect(response.stream.listenerCount('drain')).toBe(0);
  });
});
