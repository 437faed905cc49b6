using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfSupervision;

/// <summary>InfoNCE and NT-Xent.</summary>
public sealed class ContrastParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["info_nce", "nt_xent"];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function == "info_nce" ? Estimated(inputs) : Contrasted(inputs);

    private static ParityResult Estimated(ParityInputs inputs)
    {
        var (queries, keys) = (inputs["queries"], inputs["keys"]);
        if (inputs.HasParameter("normalise") && inputs.Flag("normalise"))
        {
            (queries, keys) = (queries / queries.norm(1, keepdim: true), keys / keys.norm(1, keepdim: true));
        }
        var loss = ContrastivePredictiveCoding.InfoNce(queries, keys, inputs.Number("temperature"));
        return new ParityResult()
            .With("loss", loss)
            .With("mutual_information_lower_bound", Math.Log(queries.shape[0]) - loss.detach());
    }

    private static ParityResult Contrasted(ParityInputs inputs)
    {
        var views = inputs["projections_view1_then_view2"];
        var n = views.shape[0] / 2;
        var loss = NormalizedTemperatureContrast.Of(
            views.narrow(0, 0, n),
            views.narrow(0, n, n),
            inputs.Number("temperature")
        );
        return new ParityResult()
            .With("loss", loss)
            .With("loss_google_sum_of_views", loss.detach() * 2) // the authors' program adds the means of both views
            .With("loss_pytorch_metric_learning", loss.detach());
    }
}
