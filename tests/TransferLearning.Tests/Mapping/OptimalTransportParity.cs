using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Plans, transport maps and the linear Monge map as POT computes them.</summary>
public sealed class OptimalTransportParity : IParityAdapter
{
    public IEnumerable<string> Functions =>
        [
            "emd",
            "sinkhorn",
            "ot_mapping_emd",
            "ot_mapping_sinkhorn",
            "ot_mapping_sinkhorn_l1l2",
            "ot_mapping_sinkhorn_lpl1",
            "linear_ot_mapping",
        ];

    public ParityResult Compute(ParityInputs inputs) =>
        inputs.Function switch
        {
            "emd" or "sinkhorn" => Plan(inputs),
            "linear_ot_mapping" => Linear(inputs),
            _ => Map(inputs),
        };

    private static ParityResult Plan(ParityInputs inputs)
    {
        var cost = SquaredDistances.Between(inputs["source"], inputs["target"]);
        var problem = new TransportProblem(
            cost,
            inputs.HasInput("source_weights") ? inputs["source_weights"] : null,
            inputs.HasInput("target_weights") ? inputs["target_weights"] : null
        );
        if (inputs.Function == "emd")
        {
            var exact = new ExactTransport().Plan(problem);
            return new ParityResult()
                .With("cost", (exact * cost).sum())
                .With("plan_row_marginal", exact.sum(1))
                .With("plan_nonzeros", exact.gt(1e-15).sum().ToDouble())
                .With("plan", exact);
        }
        var plan = new EntropicTransport(inputs.Number("reg")) { Tolerance = 1e-13 }.Plan(problem);
        return new ParityResult()
            .With("transport_cost", (plan * cost).sum())
            .With("sinkhorn2", (plan * cost).sum())
            .With("plan", plan)
            .With("plan_row0", plan[0]);
    }

    private static ParityResult Linear(ParityInputs inputs)
    {
        using var map = new LinearMongeMap { Ridge = inputs.Number("reg") }.Fit(inputs["source"], inputs["target"]);
        return new ParityResult()
            .With("A", map.Matrix.clone())
            .With("b", map.Offset!.unsqueeze(0))
            .With("source_transported", map.Extract(inputs["source"]));
    }

    private static ParityResult Map(ParityInputs inputs)
    {
        double Number(string name) => inputs.Number(name);
        ITransportSolver solver = inputs.Function switch
        {
            "ot_mapping_emd" => new ExactTransport(),
            "ot_mapping_sinkhorn" => new EntropicTransport(Number("reg_e")) { Tolerance = 1e-12 },
            "ot_mapping_sinkhorn_l1l2" => new GroupLassoTransport(Number("reg_e"), Number("reg_cl")),
            _ => new ClassSparseTransport(Number("reg_e"), Number("reg_cl")) { Rounds = inputs.Integer("max_iter") },
        };
        var labels = inputs.HasInput("source_labels")
            ? inputs["source_labels"] - inputs["source_labels"].min()
            : zeros(inputs["source"].shape[0], int64);
        var source = new LabeledDomain(inputs["source"], labels);
        var transport = new OptimalTransport(solver);
        using var map = transport.Fit(source, inputs["target"]);
        var plan = transport.Plan(source, inputs["target"]);
        var rows = inputs.Text("coupling_rows").Split(' ');
        return new ParityResult()
            .With("source_transported", map.Extract(inputs["source"]))
            .With("new_points_transported", map.Extract(inputs["new_source"]))
            .With(
                "coupling",
                rows[0] == "all"
                    ? plan
                    : plan.narrow(0, 0, long.Parse(rows[1], System.Globalization.CultureInfo.InvariantCulture))
            );
    }
}
