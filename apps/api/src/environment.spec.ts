import { DEMO_JWT_SECRET, readEnvironment } from './environment';

const SECRET = 'x'.repeat(32);
const DATABASE_URL = 'postgres://user:secret@host/database';
const PRODUCTION = { NODE_ENV: 'production', DATABASE_URL, JWT_SECRET: SECRET };

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
    expect(() => readEnvironment(PRODUCTION)).not.toThrow();
  });

  it.each([
    ['PORT', { PORT: '1e3' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '-1' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://host/database' }],
    ['JWT_SECRET', { JWT_SECRET: 'x'.repeat(31) }],
    ['DATABASE_URL', { ...PRODUCTION, DATABASE_URL: undefined }],
    ['JWT_SECRET', { ...PRODUCTION, JWT_SECRET: undefined }],
    ['JWT_SECRET', { ...PRODUCTION, JWT_SECRET: DEMO_JWT_SECRET }],
  ])('names %s in one sentence where %j', (name, variables) => {
    expect(() => readEnvironment(variables)).toThrow(
      new RegExp(`^${name} (must|is required)[^\\n]+$`),
    );
  });
});
