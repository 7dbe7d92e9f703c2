// Keys, sounds, themes, undo, survival.

export const habits = {} as const;
