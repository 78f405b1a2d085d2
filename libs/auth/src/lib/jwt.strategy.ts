import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { JwtPayload } from 'jsonwebtoken';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { ALGORITHM, TOKEN_SETTINGS, type TokenSettings } from './token-settings';

/** Verifies the bearer token of the Authorization header; `request.user` becomes the token's claims. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(@Inject(TOKEN_SETTINGS) settings: TokenSettings) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: settings.secret,
      algorithms: [ALGORITHM],
      ...(settings.issuer !== undefined && { issuer: settings.issuer }),
      ...(settings.audience !== undefined && { audience: settings.audience }),
    });
  }

  /** The library has checked `exp`, `nbf`, `iss` and `aud`, but it accepts a token that never expires. */
  validate(claims: JwtPayload): JwtPayload | false {
    return claims.exp === undefined ? false : claims;
  }
}
