using System.Diagnostics.CodeAnalysis;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>The file of an adapted model: its parts, and what is known of the rows and labels of its fit.</summary>
internal static class ModelFile
{
    private const string Format = "adapted model 1";

    /// <summary>Writes a model.</summary>
    public static void Write(AdaptedModel model, string path)
    {
        using var bag = StateBag.ForSaving();
        var format = Format;
        bag.Text("format", ref format);
        var (extractor, predictor) = (model.Extractor, model.Predictor);
        bag.Part("extractor", ref extractor!);
        bag.Part("predictor", ref predictor!);
        model.Facts.Exchange(bag);
        bag.Write(path);
    }

    /// <summary>Reads a model into freshly built modules.</summary>
    [RequiresUnreferencedCode(SavedParts.TrimmingRemovesParts)]
    public static AdaptedModel Read(string path, IReadOnlyList<nn.Module<Tensor, Tensor>> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        if (modules.Distinct(ReferenceEqualityComparer.Instance).Count() < modules.Count)
        {
            throw new ArgumentException(
                "a module was given twice: each network takes one of its own.",
                nameof(modules)
            );
        }
        using var bag = StateBag.Read(path, modules);
        var format = "";
        bag.Text("format", ref format);
        if (format != Format)
        {
            throw new InvalidDataException($"'{path}' holds '{format}', not '{Format}'.");
        }
        IFeatureExtractor? extractor = null;
        ILabelPredictor? predictor = null;
        FitFacts facts;
        try
        {
            bag.Part("extractor", ref extractor);
            bag.Part("predictor", ref predictor);
            facts = new FitFacts().Exchange(bag);
            bag.Complete();
        }
        catch
        {
            foreach (var rebuilt in Disposables(extractor, predictor))
            {
                rebuilt.Dispose();
            }
            throw;
        }
        return new AdaptedModel(extractor!, predictor!, [.. Disposables(extractor, predictor)])
        {
            FittedOn = bag.Device,
            Facts = facts,
        };
    }

    private static IEnumerable<IDisposable> Disposables(params IEnumerable<IPart?> parts) =>
        parts.SelectMany(part => part.WithInner()).Where(part => part is not ModulePart).OfType<IDisposable>();
}
