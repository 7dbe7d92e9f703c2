// milsymbol's single symbol sets, by the alias of vite.config.ts: its own types tell only of all of them at once.

declare module "milsymbol-parts" {
  import type Milsymbol from "milsymbol";
  type Icons = object;
  export const ms: Omit<typeof Milsymbol, "addIcons"> & { addIcons(icons: Icons): void };
  export const numberair: Icons;
  export const numberlandequipment: Icons;
}
