import { EventEmitter } from 'node:events';
import { watchClient } from './client-watch';

/** An HTTP/2 response with `writableLength` bytes waiting for the client. */
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
    // The first check records the progress. The later ones find it unchanged.
    [900, 10],
    [60, 10],
    [40, 10],
    [1, 0.25],
  ])(
    'calls onIdle once if the client reads nothing for %i seconds, and not sooner',
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
    ['reads a byte', () => (response.stream.writableLength += 1)],
    ['drains the buffer', () => response.stream.emit('drain')],
  ])('restarts the timeout whenever the client %s', async (_, read) => {
    watch(900);
    for (let time = 0; time < 10; time++) {
      await pass(890);
      read();
    }
    expect(onIdle).not.toHaveBeenCalled();
    await pass(910);
    expect(onIdle).toHaveBeenCalledTimes(1);
  });

  it('does not call onIdle if no data waits for the client', async () => {
    response.stream.writableLength = 0;
    watch(1);
    await pass(100);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('stops its timer and listeners when the response closes', async () => {
    watch(1);
    await pass(0.5);
    response.emit('close');
    await pass(100);
    expect(onIdle).not.toHaveBeenCalled();
    expect([jest.getTimerCount(), response.listenerCount('close')]).toEqual([0, 0]);
    expect(response.stream.listenerCount('drain')).toBe(0);
  });
});
