"""Maps: layers of pins drawn with Folium for pages that allow no inline script or style.

Words: a *layer* is a Folium layer with an id of its own; a *pin* is a point with a code, a name and a state;
the *selection* is the few pins a page's list shows too; the *base* is the ground drawn without any tile server
(districts, metro lines and stops); a *basemap* is an optional tile server with its datum.
"""
