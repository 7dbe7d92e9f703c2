// A person's own map tiles: a PMTiles file read from disk in place, drawn by MapLibre. Nothing of it leaves the page.

import { addProtocol, type LayerSpecification } from "maplibre-gl";
import { FileSource, PMTiles, Protocol, TileType } from "pmtiles";
import { LAST_LAYER, type BaseMap } from "../map";
import { OwnError } from "../own";
import { INK } from "./ink";

const LAYERS_MAX = 64;
let protocol: Protocol | undefined;

export interface OwnTiles {
  /** West, south, east, north. */
  box: [number, number, number, number];
  show(on: boolean): void;
  remove(): void;
}

/** Lay a file's tiles over the land. Raises OwnError. */
export async function ownTiles(base: BaseMap, file: File, id: string): Promise<OwnTiles> {
  const tiles = new PMTiles(new FileSource(new File([file], id)));
  const layers: LayerSpecification[] = [];
  let box: OwnTiles["box"];
  let type: "vector" | "raster";
  try {
    const header = await tiles.getHeader();
    type = header.tileType === TileType.Mvt ? "vector" : "raster";
    box = [header.minLon, header.minLat, header.maxLon, header.maxLat];
    if (type === "raster") layers.push({ id, type: "raster", source: id });
    else layers.push(...vectorLayers(await tiles.getMetadata(), id));
  } catch (error) {
    throw new OwnError("tiles", error instanceof Error ? error.message.slice(0, 120) : "");
  }
  if (!layers.length) throw new OwnError("empty");
  if (!protocol) {
    protocol = new Protocol();
    addProtocol("pmtiles", protocol.tile);
  }
  protocol.add(tiles);
  const { map } = base;
  map.addSource(id, { type, url: `pmtiles://${id}` });
  for (const layer of layers) map.addLayer(layer, LAST_LAYER);
  return {
    box,
    show: (on) => layers.forEach((l) => map.setLayoutProperty(l.id, "visibility", on ? "visible" : "none")),
    remove: () => {
      for (const layer of layers) map.removeLayer(layer.id);
      map.removeSource(id);
      protocol?.tiles.delete(id);
    },
  };
}

/** Areas, lines and points of every layer that a file says it has. */
function vectorLayers(metadata: unknown, id: string): LayerSpecification[] {
  const listed = (metadata as { vector_layers?: unknown })?.vector_layers;
  const names = (Array.isArray(listed) ? listed : []).map((l) => (l as { id?: unknown })?.id).filter((name): name is string => typeof name === "string");
  return names.slice(0, LAYERS_MAX).flatMap((name, i): LayerSpecification[] => [
    { id: `${id}-${i}-area`, type: "fill", source: id, "source-layer": name, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": INK.own, "fill-opacity": 0.08, "fill-outline-color": INK.own } },
    { id: `${id}-${i}-line`, type: "line", source: id, "source-layer": name, filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": INK.own, "line-opacity": 0.6, "line-width": 1 } },
    { id: `${id}-${i}-point`, type: "circle", source: id, "source-layer": name, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": INK.own, "circle-radius": 2.5 } },
  ]);
}
