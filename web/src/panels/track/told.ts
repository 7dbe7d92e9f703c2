// What the server tells of one track: as it is, why, and what it did lately.

import { lang } from "../../i18n";
import type { Alert } from "../../store";

export interface Piece {
  rule: string;
  text: string;
  weight: number | null;
  for: boolean;
  since: number | null;
  expires: number | null;
  source: string | null;
}

export interface Because {
  rule: string;
  text: string;
  weight: number | null;
  source: string | null;
}

export interface Explanation {
  time: number;
  number: number;
  identity: string;
  confidence: number;
  class: string;
  moves_like: string | null;
  moves_like_probability: number | null;
  civil: boolean;
  protected: boolean;
  manual?: boolean;
  state: string | null;
  sensors: string[];
  sources: string[];
  callsign: string | null;
  address: string | null;
  emergency: string;
  accuracy_m: number | null;
  qnh_hpa: number | null;
  height_m: number | null;
  height_std_m: number | null;
  height_from: string;
  claim: string | null;
  /** What a person says it is; null: the rules decide. */
  set_by_hand?: string | null;
  evidence: Piece[];
  alerts?: (Alert & { because: Because[] })[];
}

export interface Profile {
  time: number[];
  level_ft: (number | null)[];
  altitude_ft: (number | null)[];
  speed_kt: (number | null)[];
  vertical_fpm: (number | null)[];
}

export interface Plot {
  time: number;
  sensor: string | null;
  kind: string;
  range_m: number | null;
  azimuth_deg: number | null;
  lat: number | null;
  lon: number | null;
  level_ft: number | null;
  mode_a: string | null;
  address: string | null;
  callsign: string | null;
  remote_id: string | null;
  flags: string[];
}

export interface Past {
  number: number;
  time: number;
  step_s: number;
  profile: Profile;
  names: { since: number; kind: "callsign" | "mode_a" | "address" | "remote_id"; name: string }[];
  /** The newest first. */
  plots: Plot[];
  sensors: { id: string; last: number | null; plots: number }[];
}

async function asked<T>(path: string): Promise<T | undefined> {
  try {
    const answer = await fetch(path);
    return answer.ok ? ((await answer.json()) as T) : undefined;
  } catch {
    return undefined; // the banner already says that the server does not answer
  }
}

export const explain = (number: number): Promise<Explanation | undefined> => asked(`/api/tracks/${number}?lang=${lang()}`);
export const past = (number: number): Promise<Past | undefined> => asked(`/api/tracks/${number}/history`);
