// deck.gl's way: an IconLayer fed with binary columns, over MapLibre's basemap kept in step. No labels, vectors or history.

import { Deck, MapView } from "@deck.gl/core";
import { IconLayer } from "@deck.gl/layers";
import { basemap } from "./basemap";
import { CENTRE, COLOURS, fly, icons, ZOOM } from "./flights";

const map = basemap(false);
const atlas = icons();
const mapping = Object.fromEntries(COLOURS.map((_, k) => [`identity${k}`, { x: 24 * k, y: 0, width: 24, height: 24 }]));
const names = COLOURS.map((_, k) => `identity${k}`);

const deck = new Deck({
  parent: document.getElementById("over") as HTMLDivElement,
  views: new MapView({ repeat: false }),
  initialViewState: { longitude: CENTRE[0], latitude: CENTRE[1], zoom: ZOOM },
  controller: { inertia: false },
  useDevicePixels: true,
  onViewStateChange: ({ viewState }) => {
    map.jumpTo({ center: [viewState.longitude, viewState.latitude], zoom: viewState.zoom });
    return viewState;
  },
});

fly((flights) => {
  deck.setProps({
    layers: [
      new IconLayer({
        id: "tracks",
        data: { length: flights.count, attributes: { getPosition: { value: flights.places.slice(), size: 2 }, getAngle: { value: flights.courses, size: 1 } } },
        iconAtlas: atlas as unknown as string,
        iconMapping: mapping,
        getIcon: (_: unknown, { index }: { index: number }) => names[flights.identities[index]!]!,
        getSize: 16,
        sizeUnits: "pixels",
        billboard: false,
      }),
    ],
  });
});
