using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>Adapted models as ONNX files.</summary>
public static class OnnxExport
{
    private const long DrawnRows = 3;

    /// <summary>
    /// Writes a model as an ONNX file (opset 17), so that programs without this library can predict by it.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The file takes rows <c>[rows, ...]</c>, any number of them at once, and gives <c>scores</c>, what
    /// <see cref="AdaptedModel.Predict(Tensor, long)"/> gives; probabilities, classes and features on request. Its
    /// metadata say what the labels mean: <c>labels</c> (classes or values), <c>label_width</c>, <c>scores</c> (the
    /// kind), <c>class_names</c> as a JSON list, where classes have names.
    /// </para>
    /// <para>
    /// Before it gets its name the written file is run by OnnxRuntime on the example rows, all at once and the first
    /// alone, and held against the model.
    /// </para>
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="path">
    /// The file; it is written beside and then renamed, so that a fault leaves what was there before.
    /// </param>
    /// <param name="options">Example rows, outputs, precision; null for the defaults.</param>
    /// <exception cref="NotSupportedException">
    /// A part, a layer or a setting has no ONNX operators, or the file would have more than 2 GB; all such are named,
    /// and nothing is written.
    /// </exception>
    /// <exception cref="ArgumentException">The example rows are missing, or no rows of this model.</exception>
    /// <exception cref="InvalidOperationException">A module of the model is in training mode.</exception>
    /// <exception cref="ObjectDisposedException">The model, or one of its modules, has been disposed.</exception>
    /// <exception cref="InvalidDataException">
    /// OnnxRuntime does not read the written file, or computes other numbers; the file is not kept.
    /// </exception>
    public static void ExportOnnx(this AdaptedModel model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxExportOptions();
        if (!(options.Tolerance > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.Tolerance,
                string.Create(CultureInfo.InvariantCulture, $"Tolerance must be positive; got {options.Tolerance}.")
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var example = ExampleRows(model, options);
        // Its checks of the rows and of the model come first.
        var expected = model.Predict(example, options.Domain);
        var graph = new GraphWriter(options.SinglePrecision);
        Write(graph, model, options, example, areFlat: expected.dim() == 1);
        var file = graph.ToModel(About(model));
        if (graph.Faults.Count > 0)
        {
            throw new NotSupportedException(
                "The model cannot be written as ONNX:"
                    + string.Concat(graph.Faults.Distinct().Select(fault => $"{Environment.NewLine}- {fault}"))
            );
        }
        if (file.Size() > int.MaxValue)
        {
            throw new NotSupportedException(
                $"The model takes {file.Size()} bytes; an ONNX file has {int.MaxValue} at most, and weights are not "
                    + "put into files beside it."
            );
        }
        Keep(file, path, options, example, Expected(model, options, example, expected));
    }

    // What each output of the file must be.
    private static Dictionary<string, Tensor> Expected(
        AdaptedModel model,
        OnnxExportOptions options,
        Tensor example,
        Tensor scores
    )
    {
        var expected = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["scores"] = scores };
        if (options.Features)
        {
            expected["features"] = model.Features(example, options.Domain);
        }
        if (options.Probabilities)
        {
            var features = model.Features(example, options.Domain);
            var rows = features.to(model.Device ?? features.device);
            expected["probabilities"] = IsMultiLabel(model)
                ? model.Predictor.PredictLabelProbabilities(rows)
                : model.Predictor.PredictProbabilities(rows);
        }
        if (options.Classes)
        {
            expected["classes"] = scores.argmax(1);
        }
        return expected;
    }

    private static Tensor ExampleRows(AdaptedModel model, OnnxExportOptions options)
    {
        if (options.Example is { } given)
        {
            return given.dim() >= 2 && given.shape[0] > 0
                ? given.detach()
                : throw new ArgumentException(
                    $"Example must be some rows [rows, ...]; got [{string.Join(", ", given.shape)}].",
                    nameof(options)
                );
        }
        var shape =
            model.RowShape
            ?? throw new ArgumentException(
                "the model does not know the shape of its rows, as it was put together by hand: set Example to a few.",
                nameof(options)
            );
        using var generator = new RandomKey(17).Generator();
        return randn([DrawnRows, .. shape], float32, generator: generator);
    }

    // Values are flat, [n], where the model predicts them so.
    private static void Write(
        GraphWriter graph,
        AdaptedModel model,
        OnnxExportOptions options,
        Tensor example,
        bool areFlat
    )
    {
        // A copy, because layers may work in place.
        var rows = (model.Device is { } device ? example.to(device) : example).clone();
        string[] outputs = ["scores", "probabilities", "classes", "features"];
        Array.ForEach(outputs, graph.Reserve);
        if (outputs.Contains(options.InputName, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"InputName must not be that of an output; got '{options.InputName}'.",
                nameof(options)
            );
        }
        var input = graph.Input(options.InputName, rows);
        var features = graph.Part(model.Extractor.For(options.Domain), input, "extractor");
        var scores = graph.Part(model.Predictor, features, "predictor");
        var ofRows = graph.ExampleOf(scores);
        if (areFlat && ofRows.dim() == 2)
        {
            var columns = graph.Constant(tensor(new[] { 1L }));
            graph.Output("scores", graph.Operator("Squeeze", [scores, columns]), ofRows.squeeze(1));
        }
        else
        {
            graph.Output("scores", scores, ofRows);
        }
        if (options.Features)
        {
            graph.Output("features", features, graph.ExampleOf(features));
        }
        if ((options.Probabilities && !IsMultiLabel(model) || options.Classes) && !HasClasses(model, ofRows))
        {
            graph.Refuse(
                IsMultiLabel(model)
                    ? "its rows have any of several labels, so that there are no classes: leave them out."
                    : "it predicts values, so that there are no classes and no probabilities: leave them out."
            );
            return;
        }
        if (options.Probabilities)
        {
            var kind = model.Predictor.ScoreKind;
            graph.Output(
                "probabilities",
                IsMultiLabel(model) ? graph.LabelProbabilities(scores, kind) : graph.Probabilities(scores, kind),
                ofRows
            );
        }
        if (options.Classes)
        {
            var classes = graph.Operator("ArgMax", [scores], ("axis", 1L), ("keepdims", 0L));
            graph.Output("classes", classes, ofRows.argmax(1));
        }
    }

    private static bool IsMultiLabel(AdaptedModel model) => model.Space is { IsMultiLabel: true };

    private static bool HasClasses(AdaptedModel model, Tensor scores) =>
        model.Predictor.ScoreKind != ScoreKind.Values
        && (model.Space?.IsClasses ?? (scores.dim() == 2 && scores.shape[1] > 1));

    private static IEnumerable<(string, string)> About(AdaptedModel model)
    {
        yield return ("scores", model.Predictor.ScoreKind.ToString());
        if (model.Space is not { } space)
        {
            yield break;
        }
        yield return (
            "labels",
            space.IsClasses ? "classes"
            : space.IsMultiLabel ? "multi-label"
            : "values"
        );
        yield return ("label_width", space.Width.ToString(CultureInfo.InvariantCulture));
        if (space.Names.Count > 0)
        {
            yield return ("class_names", JsonSerializer.Serialize(space.Names));
        }
    }

    private static void Keep(
        OnnxMessage file,
        string path,
        OnnxExportOptions options,
        Tensor example,
        IReadOnlyDictionary<string, Tensor> expected
    )
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = File.Create(beside))
            {
                file.WriteTo(stream);
                stream.Flush(flushToDisk: true);
            }
            Try(beside, options, example, expected);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    // Every output of the written file against the model, for all rows and for one.
    private static void Try(
        string file,
        OnnxExportOptions options,
        Tensor example,
        IReadOnlyDictionary<string, Tensor> expected
    )
    {
        var dtype = example.dtype == float64 && options.SinglePrecision ? float32 : example.dtype;
        using var session = OnnxSession.Open(
            it => new InferenceSession(file, it),
            threads: null,
            configure: null,
            "the written file"
        );
        foreach (var count in new[] { example.shape[0], 1 })
        {
            var rows = example.narrow(0, 0, count).to(dtype);
            var outputs = session.Run([(options.InputName, rows)], [.. expected.Keys]);
            foreach (var ((name, all), given) in expected.Zip(outputs))
            {
                // Class numbers agree, or they do not.
                var tolerance = given.is_floating_point() ? options.Tolerance : 0;
                Compare(name, given.to(float64), all.narrow(0, 0, count).cpu().to(float64), tolerance);
            }
        }
    }

    private static void Compare(string name, Tensor given, Tensor wanted, double tolerance)
    {
        var lie = "";
        if (!given.shape.SequenceEqual(wanted.shape))
        {
            lie = $"are [{string.Join(", ", given.shape)}], the model's own [{string.Join(", ", wanted.shape)}]";
        }
        else
        {
            var scale = Math.Max(1, wanted.abs().nan_to_num(posinf: 0).max().item<double>());
            // What is infinite must be so in both.
            var away = where(given.eq(wanted), zeros_like(wanted), (given - wanted).abs()).max().item<double>();
            if (!(away <= tolerance * scale))
            {
                lie = string.Create(
                    CultureInfo.InvariantCulture,
                    $"lie up to {away:G3} from the model's own, of up to {scale:G3}"
                );
            }
        }
        if (lie.Length > 0)
        {
            throw new InvalidDataException(
                $"the written file is not kept: its {name} for {wanted.shape[0]} example row(s) {lie}. Does a module "
                    + "compute what its layers do not say, or does a hook change it? Rows on which the model is "
                    + "undecided differ as well: give others as Example."
            );
        }
    }
}
