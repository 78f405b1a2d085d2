import { openDatabase } from './database';
import { DEMO_JWT_SECRET, readEnvironment } from './environment';
import { tokenSettings } from './token-settings';

const SECRET = 'x'.repeat(32);
const DATABASE_URL = 'postgres://user:secret@host/database';

describe('readEnvironment', () => {
  it('has a default for everything in development', () => {
    expect({ ...readEnvironment({ PORT: '', JWT_ISSUER: '' }) }).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      JWT_SECRET: DEMO_JWT_SECRET,
    });
  });

  it('reads every setting', () => {
    const variables = {
      PORT: '8080',
      HOST: '0.0.0.0',
      DATABASE_URL,
      JWT_SECRET: SECRET,
      JWT_ISSUER: 'i',
      JWT_AUDIENCE: 'a',
    };
    expect({ ...readEnvironment({ ...variables, PATH: '/bin' }) }).toEqual({
      ...variables,
      PORT: 8080,
    });
  });

  it.each([
    ['PORT', { PORT: '1e3' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '-1' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://host/database' }],
    ['JWT_SECRET', { JWT_SECRET: 'x'.repeat(31) }],
  ])('names %s in one sentence where %j', (name, variables) => {
    expect(() => readEnvironment(variables)).toThrow(new RegExp(`^${name} must[^\\n]+$`));
  });

  describe('in production', () => {
    const PRODUCTION = { NODE_ENV: 'production' };

    it('has no embedded database', async () => {
      await expect(openDatabase(readEnvironment(PRODUCTION))).rejects.toThrow(
        /^DATABASE_URL is required/,
      );
    });

    it.each([{}, { JWT_SECRET: DEMO_JWT_SECRET }])('has no demo secret (%j)', (variables) => {
      const environment = readEnvironment({ ...PRODUCTION, ...variables });
      expect(() => tokenSettings(environment)).toThrow(/^JWT_SECRET is required/);
    });
  });
});
