import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../src/read-environment';
import { tokenSettings } from '../src/token-settings';

const ROOT = join(__dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The settings of `.env` in the example, by name. */
function exampleSettings(): Record<string, string> {
  const [, block = ''] = /```sh\n(# nginx is [^]*?)```/.exec(read('docs/deploying.md')) ?? [];
  const lines = block.split('\n').filter((line) => /^[A-Z]/.test(line));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

/** What docker-compose.yml sets itself. */
const COMPOSE = { NODE_ENV: 'production', HOST: '0.0.0.0', DATABASE_URL: 'postgres://db/calls' };

describe('The example of docs/deploying.md', () => {
  const { STOP_GRACE_PERIOD, ...settings } = exampleSettings();

  it('has settings that the API accepts in production', () => {
    const environment = readEnvironment({ ...COMPOSE, ...settings });
    expect(environment.TRUST_PROXY).toBe('1');
    expect(tokenSettings(environment)).toEqual({
      key: { jwksUri: 'https://example.eu.auth0.com/.well-known/jwks.json' },
      issuer: 'https://example.eu.auth0.com/',
      audience: 'https://calls.example.com',
      audienceClaim: 'aud',
      accountClaim: 'https://example.com/account_id',
    });
  });

  it('uses the settings of Auth0 in docs/identity-providers.md', () => {
    const providers = read('docs/identity-providers.md');
    for (const [name, value] of Object.entries(settings).filter(([key]) => /^JWT_/.test(key)))
      expect(providers).toContain(`\n${name}=${value}\n`);
  });

  it('gives the container longer to stop than the exports', () => {
    expect(parseInt(STOP_GRACE_PERIOD as string)).toBeGreaterThan(
      Number(settings['SHUTDOWN_GRACE']),
    );
  });

  it('fits the timeouts of examples/nginx/calls-export.conf', () => {
    const nginx = read('examples/nginx/calls-export.conf');
    const secondsOf = (directive: string) =>
      Number(new RegExp(`^ *${directive} (\\d+)s;$`, 'm').exec(nginx)?.[1]);
    const environment = readEnvironment({ ...COMPOSE, ...settings });
    const { EXPORT_MAX_CONCURRENT, DATABASE_POOL_SIZE, DATABASE_STATEMENT_TIMEOUT } = environment;
    const queue = Math.ceil(EXPORT_MAX_CONCURRENT / DATABASE_POOL_SIZE);
    // The formula of docs/scaling.md.
    const longestSilence =
      environment.EXPORT_RETRY_TIMEOUT + 6 * queue * (DATABASE_STATEMENT_TIMEOUT + 11);
    expect(secondsOf('send_timeout')).toBe(environment.EXPORT_IDLE_TIMEOUT);
    expect(secondsOf('proxy_read_timeout')).toBeGreaterThan(longestSilence);
  });
});
