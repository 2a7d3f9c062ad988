// draw_icons SVG FOLDER SIZE…: the icon in each size as FOLDER/SIZE.png, for the package. Run while building it.
#include <QImage>
#include <QPainter>
#include <QString>
#include <QSvgRenderer>

#include <cstdio>

int main(int argc, char** argv)
{
    if (argc < 4) {
        std::fputs("usage: draw_icons SVG FOLDER SIZE…\n", stderr);
        return 2;
    }
    QSvgRenderer icon(QString::fromLocal8Bit(argv[1]));
    for (int i = 3; i < argc; ++i) {
        const auto size = QString::fromLocal8Bit(argv[i]);
        QImage image(size.toInt(), size.toInt(), QImage::Format_ARGB32_Premultiplied);
        if (image.isNull() || !icon.isValid()) {
            std::fprintf(stderr, "draw_icons: '%s' is no size, or %s no SVG\n", argv[i], argv[1]);
            return 1;
        }
        image.fill(Qt::transparent);
        QPainter painter(&image);
        icon.render(&painter);
        painter.end();
        if (!image.save(QString::fromLocal8Bit(argv[2]) + QLatin1Char('/') + size + QStringLiteral(".png"))) {
            std::fprintf(stderr, "draw_icons: %s/%s.png could not be written\n", argv[2], argv[i]);
            return 1;
        }
    }
    return 0;
}
