import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';
import { safeFileName } from 'nestjs-calls-export';
import { hasKnownSslMode, SSL_MODES, withSafeSslMode } from './ssl-mode';

const ENCODED = 'with special characters in the user name and password percent-encoded';

/** Validates a setting. The message names it: `PORT must be …`. */
function rule(
  isValid: (value: unknown) => boolean,
  accepted: string,
): (target: object, property: string | symbol) => void {
  return (target, property) =>
    ValidateBy({
      name: accepted,
      validator: {
        validate: isValid,
        defaultMessage: () => `${String(property)} must be ${accepted}`,
      },
    })(target, property);
}

/** Combines decorators into one. */
function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => decorators.forEach((decorate) => decorate(target, property));
}

/** Accepts an integer from `min` to `max` in decimal digits, and converts it to a number. */
export function IsIntegerBetween(min: number, max: number): PropertyDecorator {
  const isInRange = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return all(
    Transform(({ value }) => (/^\d+$/.test(value) ? Number(value) : value)),
    rule(isInRange, `an integer from ${min} to ${max}`),
  );
}

/** Accepts `true` and `false`. Optional. */
export function IsFlag(): PropertyDecorator {
  return all(
    IsOptional(),
    rule((value) => value === 'true' || value === 'false', 'true or false'),
  );
}

/**
 * Accepts one of the given words. Optional.
 *
 * @param accepted how the error message lists the words. Default: `one of a, b`.
 */
export function IsOneOf(
  words: readonly string[],
  accepted = `one of ${words.join(', ')}`,
): PropertyDecorator {
  return all(
    IsOptional(),
    rule((value) => words.includes(String(value)), accepted),
  );
}

/** Accepts a comma-separated list without empty items. Optional. */
export function IsList(items: string, example: string): PropertyDecorator {
  return all(
    IsOptional(),
    rule(
      (text) => listOf(String(text)).every((item) => item !== ''),
      `a comma-separated list of ${items} without empty items, such as ${example}`,
    ),
  );
}

/** Accepts a comma-separated list of origins, each in the form that browsers send. Optional. */
export function IsOrigins(): PropertyDecorator {
  const isOrigin = (item: string) =>
    /^https?:/.test(item) && URL.canParse(item) && new URL(item).origin === item;
  return all(
    IsOptional(),
    rule(
      (text) => listOf(String(text)).every(isOrigin),
      'a comma-separated list of origins such as https://app.example.com',
    ),
  );
}

/** Accepts a file name that is valid on every operating system. */
export function IsFileName(): PropertyDecorator {
  return rule(
    (name) => safeFileName(String(name)) === name,
    'a file name of at most 200 bytes that every operating system accepts',
  );
}

/** Accepts a URL with one of the schemes and without credentials. Optional. */
export function IsUrlOf(schemes: readonly string[], example: string): PropertyDecorator {
  const hasNoCredentials = (url: URL) => url.username === '' && url.password === '';
  return all(
    IsOptional(),
    rule(
      (value) => isUrl(value, schemes, hasNoCredentials),
      `a URL such as ${example}, without a user name or password`,
    ),
  );
}

/** Accepts the URL of a Redis server. Optional. */
export function IsRedisUrl(example: string): PropertyDecorator {
  const hasDatabaseNumber = ({ pathname }: URL) => /^\/?\d{0,5}$/.test(pathname);
  return all(
    IsOptional(),
    rule(
      (value) => isUrl(value, ['redis', 'rediss'], hasDatabaseNumber),
      `a URL such as ${example}, ${ENCODED}`,
    ),
  );
}

/** Accepts the URL of a PostgreSQL server, and makes its `sslmode` explicit. Optional. */
export function IsPostgresUrl(example: string): PropertyDecorator {
  const schemes = ['postgres', 'postgresql'];
  return all(
    IsOptional(),
    Transform(({ value }) => withSafeSslMode(String(value))),
    rule((value) => isUrl(value, schemes), `a URL such as ${example}, ${ENCODED}`),
    rule(hasKnownSslMode, `a URL whose sslmode, if set, is one of ${SSL_MODES.join(', ')}`),
  );
}

/**
 * Whether every parser reads the value as the same URL. An unescaped `#`, `/` or `?` in a password would end
 * the host, and the rest of the password would show up in messages as the database name.
 */
function isUrl(
  value: unknown,
  schemes: readonly string[],
  isValid: (url: URL) => boolean = () => true,
): boolean {
  const text = String(value);
  const [, scheme = '', authority = ''] =
    /^([a-z]+):\/\/([^/?#]*)(?:\/[^?#@]*)?(?:\?[^#@]*)?$/.exec(text) ?? [];
  if (!schemes.includes(scheme) || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false;
  const user = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0));
  return isDecodable(user) && text.length > `${scheme}://`.length && isValid(new URL(text));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Splits a comma-separated setting into trimmed items. */
export function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
