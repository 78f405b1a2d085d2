// @slow
import { once } from 'node:events';
import * as http from 'node:http';
import { connect, type Socket } from 'node:net';
import { until } from '@calls/testing';
import { watchClient } from '../src/lib/http/client-watch';
import {
  afterTest,
  get,
  listen,
  NAMES,
  portOf,
  type Transport,
  TRANSPORTS,
} from './watched-responses';

describe('The watch of a client', () => {
  /** Spies on timers. @returns a function that returns those that watches have set and not cleared. */
  function watchTimers() {
    const set: NodeJS.Timeout[] = [];
    const { setTimeout: original } = global;
    jest.spyOn(global, 'setTimeout').mockImplementation(((...args: [() => void, number]) => {
      const timer = original(...args);
      if (args[1] === PAUSE_MS) set.push(timer);
      return timer;
    }) as typeof setTimeout);
    return () => set.filter((timer) => !(timer as unknown as { _destroyed: boolean })._destroyed);
  }
  const SECONDS = 4.004;
  const PAUSE_MS = (SECONDS * 1000) / 4;
  afterEach(() => jest.restoreAllMocks());

  const LISTENERS = ['close', 'drain'];
  const countListeners = (emitters: NodeJS.EventEmitter[]) =>
    emitters.map((emitter) => LISTENERS.map((event) => emitter.listenerCount(event)));

  it.each(NAMES)(
    'leaves no listeners or timers when the client disconnects, over %s',
    async (name) => {
      const running = watchTimers();
      const { serve, open } = TRANSPORTS[name] as Transport;
      let emitters: NodeJS.EventEmitter[] = [];
      let before: number[][] = [];
      let during: number[][] = [];
      const closed = new Promise<void>((resolve) => {
        const server = serve((_request, response) => {
          emitters = 'stream' in response ? [response.stream] : [response, response.req.socket];
          before = countListeners(emitters);
          watchClient(response, SECONDS, () => {});
          during = countListeners(emitters);
          response.once('close', () => setImmediate(resolve));
          (response as http.ServerResponse).write('begins');
        });
        void listen(server).then(() => {
          const client = open(portOf(server), '/').on('error', () => {});
          client.once('data', () => client.destroy());
          client.resume();
          afterTest(() => server.close());
        });
      });
      await closed;
      expect(during).not.toEqual(before);
      expect(running()).toEqual([]);
      const after = countListeners(emitters);
      after.flat().forEach((count, index) => {
        expect(count).toBeLessThanOrEqual(before.flat()[index] as number);
      });
    },
  );

  it('leaves no listeners or timers on a connection that is kept alive', async () => {
    const running = watchTimers();
    const server = http.createServer((_request, response) => {
      watchClient(response, SECONDS, () => {});
      response.end('complete');
    });
    const sockets = await listen(server);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    afterTest(() => {
      agent.destroy();
      server.close();
    });
    const counts = new Set<number>();
    for (let count = 0; count < 20; count += 1) {
      const request = http.get({ agent, port: portOf(server), host: '127.0.0.1' });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      await once(response.resume(), 'close');
      counts.add([...sockets][0]?.listenerCount('close') as number);
    }
    expect([sockets.size, counts.size]).toEqual([1, 1]);
    expect(running()).toEqual([]);
  });

  it('leaves no timers of a pipelined response that waited behind another one', async () => {
    const running = watchTimers();
    let watched = 0;
    const server = http.createServer(({ url }, response) => {
      if (url !== '/second') return;
      watchClient(response, SECONDS, () => {});
      watched += 1;
    });
    const sockets = await listen(server);
    afterTest(() => server.close());
    const client = connect(portOf(server), '127.0.0.1').on('error', () => {});
    client.write(get('/first') + get('/second'));
    await until(() => watched > 0, 10_000);
    expect(running()).toHaveLength(1);
    const [socket] = sockets;
    client.destroy();
    await once(socket as Socket, 'close');
    expect(running()).toEqual([]);
  });

  it('does not start on a response that is already closed', async () => {
    const running = watchTimers();
    await Promise.all(
      NAMES.slice(0, 4).map(async (name) => {
        const { serve, open } = TRANSPORTS[name] as Transport;
        let leave = () => {};
        const watched = new Promise<void>((resolve) => {
          const server = serve((_request, response) => {
            setImmediate(() => leave());
            response.once('close', () => {
              watchClient(response, SECONDS, () => {});
              resolve();
            });
          });
          void listen(server).then(() => {
            const client = open(portOf(server), '/').on('error', () => {});
            leave = () => client.destroy();
            afterTest(() => server.close());
          });
        });
        await watched;
      }),
    );
    expect(running()).toEqual([]);
  });
});
