using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet;

/// <summary>What ML.NET's documentation shows: images to ResNet-18's features, then a linear trainer.</summary>
internal static class FrameworkSide
{
    private const int Side = 224;

    /// <summary>The features of images, read from their files.</summary>
    public static IReadOnlyList<Row> Features(MLContext context, IReadOnlyList<ImagePath> images)
    {
        var chain = context
            .Transforms.LoadImages("Image", "", nameof(ImagePath.Path))
            .Append(context.Transforms.ResizeImages("Image", Side, Side))
            .Append(context.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(
                context.Transforms.DnnFeaturizeImage(
                    nameof(Row.Features),
                    input => input.ModelSelector.ResNet18(context, input.OutputColumn, input.InputColumn),
                    "Pixels"
                )
            );
        var view = context.Data.LoadFromEnumerable(images);
        return [.. context.Data.CreateEnumerable<Row>(chain.Fit(view).Transform(view), reuseRowObject: false)];
    }

    /// <summary>The share of the target's images that a trainer reads right, with ML.NET's defaults.</summary>
    public static double Accuracy(
        MLContext context,
        IReadOnlyList<Row> source,
        IReadOnlyList<Row> target,
        Func<MLContext, IEstimator<ITransformer>> trainer
    )
    {
        var view = context.Data.LoadFromEnumerable(source);
        var model = context
            .Transforms.Conversion.MapValueToKey("Label", nameof(Row.Class))
            .AppendCacheCheckpoint(context)
            .Append(trainer(context))
            .Append(context.Transforms.Conversion.MapKeyToValue("Read", "PredictedLabel"))
            .Fit(view);
        var read = context.Data.CreateEnumerable<Reading>(
            model.Transform(context.Data.LoadFromEnumerable(target)),
            reuseRowObject: false
        );
        return read.Zip(target).Average(pair => pair.First.Read == pair.Second.Class ? 1.0 : 0.0);
    }

    /// <summary>An image and its class.</summary>
    internal sealed class ImagePath
    {
        public required string Path { get; set; }

        public required string Class { get; set; }
    }

    /// <summary>An image's features and its class.</summary>
    internal sealed class Row
    {
        public string Class { get; set; } = "";

        [VectorType(512)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Reading
    {
        public string Read { get; set; } = "";
    }
}
