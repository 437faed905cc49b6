using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>Deep features of the Office-Caltech images, ten classes, as rows of unit length in float64.</summary>
internal static class OfficeImages
{
    /// <summary>A domain of a file, or a skipped test.</summary>
    public static LabeledDomain Domain(string file, string name)
    {
        var path = SharedData.File("office_caltech", file);
        var rows = NumpyBytes.Read(path, name + "_x").to(float64);
        return new LabeledDomain(
            rows / rows.norm(1, keepdim: true),
            NumpyBytes.Read(path, name + "_y"),
            space: LabelSpace.Classes(10)
        );
    }

    /// <summary>The percentage of a model's right answers on a domain.</summary>
    public static double Accuracy(AdaptedModel model, LabeledDomain domain)
    {
        using var scope = NewDisposeScope();
        return 100 * model.PredictClasses(domain.Inputs).eq(domain.Labels).to(float64).mean().item<double>();
    }
}
