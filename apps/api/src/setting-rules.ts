import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy } from 'class-validator';
import { safeFileName } from 'nestjs-calls-export';
import { hasKnownSslMode, SSL_MODES, withSafeSslMode } from './ssl-mode';

/** What a URL that has a user and a password may be lacking. */
const ENCODED = 'with special characters of its user and password percent-encoded';

/** A rule of a setting, whose message names it: `PORT must be …`. */
function rule(
  isRight: (value: unknown) => boolean,
  accepted: string,
): (target: object, property: string | symbol) => void {
  return (target, property) =>
    ValidateBy({
      name: accepted,
      validator: {
        validate: isRight,
        defaultMessage: () => `${String(property)} must be ${accepted}`,
      },
    })(target, property);
}

/** Both, for one property. */
function both(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => decorators.forEach((decorate) => decorate(target, property));
}

/** A number in decimal digits, from the least to the greatest that is accepted. */
export function IsCount(min: number, max: number): PropertyDecorator {
  const isCount = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return both(
    Transform(({ value }) => (/^\d+$/.test(value) ? Number(value) : value)),
    rule(isCount, `an integer from ${min} to ${max}`),
  );
}

/** `true` or `false`, or not set. */
export function IsFlag(): PropertyDecorator {
  return both(
    IsOptional(),
    rule((value) => value === 'true' || value === 'false', 'true or false'),
  );
}

/**
 * One of some words; not set where the property has no default.
 *
 * @param accepted the words, as the message has them.
 */
export function IsOneOf(
  words: readonly string[],
  accepted = `one of ${words.join(', ')}`,
): PropertyDecorator {
  return both(
    IsOptional(),
    rule((value) => words.includes(String(value)), accepted),
  );
}

/** Items separated by commas, none of them empty; or not set. */
export function IsList(items: string, example: string): PropertyDecorator {
  return both(
    IsOptional(),
    rule(
      (text) => listOf(String(text)).every((item) => item !== ''),
      `${items} separated by commas, such as ${example}, none of them empty`,
    ),
  );
}

/** Origins of web pages separated by commas, each as browsers send it; or not set. */
export function IsOrigins(): PropertyDecorator {
  const isOrigin = (item: string) =>
    /^https?:/.test(item) && URL.canParse(item) && new URL(item).origin === item;
  return both(
    IsOptional(),
    rule(
      (text) => listOf(String(text)).every(isOrigin),
      'origins such as https://app.example.com, separated by commas',
    ),
  );
}

/** A name that every system can save a file by. */
export function IsFileName(): PropertyDecorator {
  return rule(
    (name) => safeFileName(String(name)) === name,
    'the name of a file, without characters that a file system refuses, of at most 200 bytes',
  );
}

/** A URL of one of these schemes, such as the example, without a user; or not set. */
export function IsUrlOf(schemes: readonly string[], example: string): PropertyDecorator {
  const isRight = (url: URL) => url.username === '' && url.password === '';
  return both(
    IsOptional(),
    rule(
      (value) => isUrl(value, schemes, isRight),
      `a URL such as ${example}, without a user name or password`,
    ),
  );
}

/** The URL of a Redis server; or not set. */
export function IsRedisUrl(example: string): PropertyDecorator {
  const isRight = ({ pathname }: URL) => /^\/?\d{0,5}$/.test(pathname);
  return both(
    IsOptional(),
    rule(
      (value) => isUrl(value, ['redis', 'rediss'], isRight),
      `a URL such as ${example}, ${ENCODED}`,
    ),
  );
}

/** The URL of a PostgreSQL server, for the driver; or not set. */
export function IsPostgresUrl(example: string): PropertyDecorator {
  const schemes = ['postgres', 'postgresql'];
  return both(
    IsOptional(),
    Transform(({ value }) => withSafeSslMode(String(value))),
    rule((value) => isUrl(value, schemes), `a URL such as ${example}, ${ENCODED}`),
    rule(hasKnownSslMode, `a URL whose sslmode, if it has one, is one of ${SSL_MODES.join(', ')}`),
  );
}

/**
 * Whether a value is a URL that every parser reads in the same way: a `#`, `/` or `?` of a password that is not percent-encoded would
 * end the host, and what follows would show in messages as the name of a database.
 */
function isUrl(
  value: unknown,
  schemes: readonly string[],
  isRight: (url: URL) => boolean = () => true,
): boolean {
  const text = String(value);
  const [, scheme = '', authority = ''] =
    /^([a-z]+):\/\/([^/?#]*)(?:\/[^?#@]*)?(?:\?[^#@]*)?$/.exec(text) ?? [];
  if (!schemes.includes(scheme) || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false;
  const user = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0));
  return isDecodable(user) && text.length > `${scheme}://`.length && isRight(new URL(text));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The items of a setting that are separated by commas. */
export function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
